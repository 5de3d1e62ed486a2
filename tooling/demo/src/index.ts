export { openJournal, readJournal } from "./journal.ts";
export type { Entry, Journal } from "./journal.ts";
export { load } from "./load.ts";
export type { LoadOptions } from "./load.ts";
export { startService } from "./services.ts";
export type { Service, Start } from "./services.ts";
export { tallyOf } from "./tally.ts";
export type { Tally } from "./tally.ts";
