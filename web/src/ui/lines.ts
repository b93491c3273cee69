/** Where the page was got from, as far as command lines need it. */
export type Origin = Pick<Location, 'protocol' | 'hostname' | 'origin'>;

/** Where the command line tools reach the server. */
const grpcAddress = ({ protocol, hostname }: Origin, grpcPort: number | undefined): string =>
  `${protocol}//${hostname}:${grpcPort ?? 'PORT'}`;

export const publishLine = (origin: Origin, grpcPort: number | undefined): string =>
  `framewire publish test --to ${grpcAddress(origin, grpcPort)}`;

/** The lines that show a stream in other programs. */
export function watchLines(
  origin: Origin,
  grpcPort: number | undefined,
  name: string,
): { label: string; text: string }[] {
  const motionJpeg = `${origin.origin}/streams/${name}/live.mjpeg`;
  return [
    { label: 'ffplay', text: `ffplay ${motionJpeg}` },
    { label: 'Python, OpenCV', text: `cv2.VideoCapture("${motionJpeg}")` },
    { label: 'framewire', text: `framewire watch ${name} --from ${grpcAddress(origin, grpcPort)} -o - | ffplay -` },
  ];
}
