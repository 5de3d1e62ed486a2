import { expect } from "vitest";
import { extended, refusal, type HazardCase, type SubjectOn } from "./hazard-subject.ts";
import { payloadHazards } from "./payload-hazards.ts";

/** Which fields of the subject values are tried in. */
export interface ValueFields<T> {
  readonly texts: readonly [keyof T & string, ...(keyof T & string)[]];
  /** Of the first of them: how many code points it may have. */
  readonly max: number;
  readonly nullable: keyof T & string;
  readonly instants: readonly [keyof T & string, keyof T & string];
}

const [first, last] = [new Date("0001-01-01T00:00:00.000Z"), new Date("9999-12-31T23:59:59.999Z")];

function fieldHazards<R, T>(on: SubjectOn<R, T>, { texts, max, nullable, instants }: ValueFields<T>) {
  const { json, payload } = on;
  // By a name that is known at run time only.
  const roundTrip = (field: string, value: unknown) => on.roundTrip({ [field]: value } as Record<keyof T, unknown>);

  return {
    "U+0000 in text or a key": async () => {
      for (const text of texts) expect(await roundTrip(text, "a\0")).toMatchObject(refusal("VALUE_NUL", text));
      for (const value of [{ "\0": 1 }, { a: [{ "\0": 1 }] }])
        expect(await json(value)).toMatchObject({ error: "VALUE_NUL" });
    },
    "lone surrogate": async () => {
      for (const text of texts)
        expect(await roundTrip(text, "\ud83d")).toMatchObject(refusal("VALUE_NOT_WELL_FORMED", text));
      expect(await json({ "\udc00": 1 })).toMatchObject({ error: "VALUE_NOT_WELL_FORMED" });
    },
    "date precision": async () => {
      for (const instant of instants)
        expect(await roundTrip(instant, new Date(1_767_225_600_123.9))).toMatchObject({
          value: { [instant]: new Date(1_767_225_600_123) },
        });
    },
    "invalid Date": async () => {
      for (const instant of instants)
        expect(await roundTrip(instant, new Date(Number.NaN))).toMatchObject(refusal("VALUE_DATE", instant));
    },
    "far dates": async () => {
      const far = { [instants[0]]: first, [instants[1]]: last };
      expect(await on.roundTrip(far as Record<keyof T, unknown>)).toMatchObject({ value: far });
      for (const instant of instants)
        for (const ms of [first.getTime() - 1, last.getTime() + 1])
          expect(await roundTrip(instant, new Date(ms))).toMatchObject(refusal("VALUE_DATE_RANGE", instant));
    },
    undefined: async () => {
      expect(await roundTrip(nullable, undefined)).toMatchObject(refusal("VALUE_UNDEFINED", nullable));
      expect(await json({ a: undefined })).toMatchObject(refusal("VALUE_UNDEFINED", `${payload}.a`));
      expect(await json([, 1])).toMatchObject(refusal("VALUE_UNDEFINED", `${payload}.0`)); // oxlint-disable-line no-sparse-arrays
    },
    "string length": async () => {
      // Code points count: each of these is two of UTF-16.
      const longest = "\u{1f600}".repeat(max);
      expect(await roundTrip(texts[0], longest)).toMatchObject({ value: { [texts[0]]: longest } });
      for (const above of ["x", "\u{1f600}"])
        expect(await roundTrip(texts[0], `${longest}${above}`)).toMatchObject(refusal("VALUE_TOO_LONG", texts[0]));
    },
  };
}

export type ValueHazard = keyof ReturnType<typeof fieldHazards> | keyof ReturnType<typeof payloadHazards>;

export interface ValueHazardOptions<T> extends ValueFields<T> {
  /** What the module tries further of a hazard, after what every module does. */
  readonly beside?: Readonly<Partial<Record<ValueHazard, HazardCase>>>;
}

/** What a single value meets on its way in and out. */
export const valueHazards = <R, T>(on: SubjectOn<R, T>, { beside = {}, ...fields }: ValueHazardOptions<T>) =>
  extended({ ...fieldHazards(on, fields), ...payloadHazards(on) }, beside);
