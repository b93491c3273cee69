const live = 30;
const replay = 900;
const replayTime = 3000;

/**
 * How many frames may wait in a decoder that has run for `age` milliseconds. A call begins with a replay from the newest keyframe,
 * which comes all at once and may be long; later a queue means that the machine is too slow, and frames must go.
 */
export function queueLimit(age: number): number {
  return age < replayTime ? replay : live;
}
