import { stamped } from "../replication/copy.ts";
import type { Home, KeyState, Replica } from "../replication/replica.ts";

/** A row that is older than the register, as a backfill reads it: stamped with the generation of this replication. Null where there is none. */
export async function unregistered(
  source: Replica,
  { aggregate, tenant }: Home,
  id: string,
  generation: bigint,
): Promise<KeyState | null> {
  const [found] = await source.scan(aggregate, { tenant, id: before(id) }, 1);
  if (found === undefined || found.tenant !== tenant || found.state.id !== id) return null;
  return stamped(found.state, generation);
}

/** The id before a UUID, in the order of both databases: a scan that begins behind it meets the UUID first. */
function before(id: string): string {
  const digits = id.replaceAll("-", "");
  const hex = (BigInt(`0x${digits}`) - 1n).toString(16).padStart(32, "0");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
