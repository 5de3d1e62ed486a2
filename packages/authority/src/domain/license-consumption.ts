import {
  conflict,
  dataError,
  normaliseKey,
  notFound,
  transient,
  type DataLayerError,
  type Stored,
} from "@stellaops/kernel";
import { licenses, type License } from "../aggregates.ts";
import type { Consumed, Consumption } from "../repositories/licenses.ts";
import { windowOf } from "./license-windows.ts";

/** What limits can hold: a sum of two below it is exact on both databases. */
const most = 2n ** 53n - 1n;

/** A consumption as both databases will be asked for it. @throws `CONSUME_INVALID`, `VALUE_…` (data) */
export function cleanConsumption({ licenseKey, metric, period, n, at }: Consumption): Consumption {
  if (typeof n !== "bigint" || n < 1n || n > most)
    throw dataError("CONSUME_INVALID", `what is consumed is a bigint from 1 to ${most}`, { details: { path: "n" } });
  normaliseKey(licenses, { licenseKey, updatedAt: at, usage: [{ metric, period, used: n }] });
  return { licenseKey, metric, period, n, at };
}

const usedOf = ({ usage }: Pick<License, "usage">, { metric, period }: Pick<Consumption, "metric" | "period">) =>
  usage.find((one) => one.metric === metric && one.period === period)?.used ?? 0n;

/** What a license has left after it allowed it. */
export function consumed(license: License, asked: Consumption): Consumed {
  const used = usedOf(license, asked);
  return { used, left: (limitOf(license, asked.metric) ?? 0n) - used };
}

/** Null where there is none, or another program wrote what is no number; below one that is not whole, what is whole counts. */
function limitOf({ limits }: License, metric: string): bigint | null {
  const limit: unknown = Object.hasOwn(limits, metric) ? limits[metric] : null;
  return typeof limit === "number" && Number.isFinite(limit) ? BigInt(Math.floor(limit)) : null;
}

/** Why a license did not allow it, as it was read afterwards; a race where by then it would. */
export function refusalOf(found: Stored<typeof licenses> | null, tenant: string, asked: Consumption): DataLayerError {
  const { licenseKey, metric, period, n, at } = asked;
  const license = found?.tenantId === tenant ? found : null;
  if (license === null)
    return notFound("LICENSE_MISSING", `this tenant has no license ${licenseKey}; store it first`, {
      details: { licenseKey },
    });
  const details = { licenseKey, metric, period };
  if (license.status !== "active")
    return conflict(
      "LICENSE_INACTIVE",
      `license ${licenseKey} is ${license.status}; nothing is consumed until it is active`,
      {
        details: { ...details, status: license.status },
      },
    );
  const window = windowOf(license, at);
  if (window !== "open")
    return conflict(
      "LICENSE_OUTSIDE",
      `license ${licenseKey} ${window === "early" ? "is not valid yet" : "is no longer valid"}; renew it, or name another`,
      { details: { ...details, window } },
    );
  const limit = limitOf(license, metric);
  if (limit === null)
    return conflict("LICENSE_METRIC", `license ${licenseKey} has no limit for ${metric}: it is not licensed`, {
      details,
    });
  const left = limit - usedOf(license, asked);
  if (n > left)
    return conflict("LICENSE_EXHAUSTED", `license ${licenseKey} has ${left} of ${metric} left in ${period}, not ${n}`, {
      details: { ...details, left },
    });
  return transient("RACED", `license ${licenseKey} changed while it was being consumed; the unit is run again`);
}
