import { Transform } from "node:stream";

/** A pipe in which each piece arrives as much later as `delayMs` says at that moment, in order, however many are under way. */
export function late(delayMs: () => number): Transform {
  let last = Promise.resolve();
  const pipe = new Transform({
    transform(piece, _encoding, done) {
      const delay = delayMs();
      const due = delay === 0 ? undefined : new Promise<void>((resolve) => void setTimeout(resolve, delay).unref());
      if (due === undefined && idle) return done(null, piece);
      idle = false;
      const arrived = last.then(() => due).then(() => void (pipe.destroyed || pipe.push(piece)));
      last = arrived;
      void arrived.then(() => (idle = last === arrived));
      done();
    },
    flush: (done) => void ended(done),
  });
  const ended = async (done: () => void): Promise<void> => {
    await last;
    done();
  };
  let idle = true;
  return pipe;
}
