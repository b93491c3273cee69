/** Whether a stream can have the name. */
export const isStreamName = (text: string): boolean => /^[a-z0-9][a-z0-9_-]{0,63}$/.test(text);
