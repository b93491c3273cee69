import { Codec, type Format } from '../gen/framewire/v1/frame_pb';
import { H264Decoder } from './h264';
import { JpegDecoder } from './jpeg';
import type { Decoder, Screen } from './picture';
import { expandBgr, expandGray } from './pixels';
import { RawDecoder } from './raw';

/** The decoder for a session's frames; undefined for a format that this page cannot show. */
export function decoderFor(format: Format | undefined, screen: Screen): Decoder | undefined {
  if (!format || format.width === 0 || format.height === 0) return undefined;
  switch (format.codec) {
    case Codec.GRAY:
      return new RawDecoder(screen, format.width, format.height, 1, expandGray);
    case Codec.BGR:
      return new RawDecoder(screen, format.width, format.height, 3, expandBgr);
    case Codec.JPEG:
      return new JpegDecoder(screen);
    case Codec.H264:
      return new H264Decoder(screen);
    default:
      return undefined;
  }
}
