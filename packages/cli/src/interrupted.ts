/** Why the signal of a command was aborted: the person at the keyboard said so. */
export const interrupted = (by: NodeJS.Signals): Error => {
  const error = new Error(`interrupted by ${by}`);
  error.name = "Interrupted";
  return error;
};
