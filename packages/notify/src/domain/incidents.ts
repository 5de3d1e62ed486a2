import { normalise } from "@stellaops/kernel";
import { incidents, type Incident } from "../aggregates.ts";
import type { Correlation } from "../repositories/incidents.ts";

/** Normalised, so that what is wrong is refused also when an incident is open. @throws `VALUE_…` (data) */
export const openedIncident = ({ at, ...event }: Correlation): Incident =>
  normalise(incidents, {
    ...event,
    status: "open",
    eventCount: 1n,
    firstSeenAt: at,
    lastSeenAt: at,
    createdAt: at,
    updatedAt: at,
  });

export const acknowledgedIncident = (id: string, at: Date) => ({
  where: { id, status: "open" as const },
  set: { status: "acknowledged" as const, updatedAt: at },
});

export const resolvedIncident = (id: string, at: Date) => ({
  where: { id },
  unless: { status: "resolved" as const },
  set: { status: "resolved" as const, updatedAt: at },
});
