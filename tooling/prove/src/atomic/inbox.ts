/** Messages in their order, each taken once, however early it came. */
export class Inbox<T> {
  readonly #here: T[] = [];
  readonly #waiting: ((message: T) => void)[] = [];

  put(message: T): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#here.push(message);
    else waiting(message);
  }

  next(): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<T>();
    const here = this.#here.shift();
    if (here === undefined) this.#waiting.push(resolve);
    else resolve(here);
    return promise;
  }
}
