/** The same object with some members of its own in the place of those it has; the others still run on the object itself. */
export const overridden = <T extends object>(whole: T, own: Partial<T>): T =>
  new Proxy(whole, {
    get(target, name) {
      if (Object.hasOwn(own, name)) return Reflect.get(own, name) as unknown;
      const member: unknown = Reflect.get(target, name);
      return typeof member === "function" ? (member.bind(target) as unknown) : member;
    },
  });
