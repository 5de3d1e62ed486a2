import type { Terminal } from "./terminal.ts";

/** How often a line is written where it does not replace the one before; milliseconds. */
const pauseMs = 1_000;
const terminalPauseMs = 100;

export interface Progress {
  update(done: number, what?: string): void;
}

/** How much is done, at what rate, and how long the rest will take at that rate. `total` is null where it is not known. */
export function progressOf(terminal: Terminal, label: string, total: number | null): Progress {
  const started = performance.now();
  let first: number | null = null;
  let told = -Infinity;
  return {
    update(done, what = "") {
      first ??= done;
      const now = performance.now();
      if (now - told < (terminal.interactive ? terminalPauseMs : pauseMs)) return;
      told = now;
      const rate = ((done - first) * 1_000) / Math.max(now - started, 1);
      terminal.status(`${label} ${what}${sentence(done, total, rate)}`);
    },
  };
}

/** `1,200 of 4,000 (30 %), 800/s, 4 s left` */
export function sentence(done: number, total: number | null, rate: number): string {
  const speed = rate > 0 ? `, ${number(Math.round(rate))}/s` : "";
  if (total === null || total === 0) return `${number(done)}${speed}`;
  const share = Math.min(100, Math.floor((done * 100) / total));
  const left = rate > 0 ? `, ${seconds(Math.max(total - done, 0) / rate)} left` : "";
  return `${number(done)} of ${number(total)} (${share} %)${speed}${left}`;
}

const number = (value: number): string => value.toLocaleString("en-US");

function seconds(value: number): string {
  if (value < 90) return `${Math.ceil(value)} s`;
  return value < 5_400 ? `${Math.ceil(value / 60)} min` : `${(value / 3_600).toFixed(1)} h`;
}
