import { Codec } from '../gen/framewire/v1/frame_pb';

const drawable = [Codec.GRAY, Codec.BGR, Codec.JPEG];

/**
 * The codecs that this page can show. H.264 needs WebCodecs, which browsers keep from plain http of another host; without it the
 * server makes JPEG of it. `?codecs=jpeg` in the page's address asks for that too.
 */
export async function shownCodecs(query: URLSearchParams): Promise<Codec[]> {
  if (query.get('codecs') === 'jpeg' || !('VideoDecoder' in globalThis)) return drawable;
  const { supported } = await VideoDecoder.isConfigSupported({ codec: 'avc1.42E01F' });
  return supported ? [...drawable, Codec.H264] : drawable;
}
