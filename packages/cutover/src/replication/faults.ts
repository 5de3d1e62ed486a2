import { codeOf, dataError, transient, type DataLayerError } from "@stellaops/kernel";
import type { KeyState } from "./replica.ts";

/** A register entry and what it stands for do not agree: neither may travel. */
export const contradiction = ({ id, revision }: Pick<KeyState, "id" | "revision">): DataLayerError =>
  dataError(
    "REGISTER_CONTRADICTED",
    `${id}: the register says revision ${revision}, and what is stored is at another or gone; compare the databases and write it again`,
  );

/** A key that two applies enter at once: the one that comes later finds the other's entry when it is run again. */
export function raced(error: unknown): never {
  if (codeOf(error) !== "REVISION_CONFLICT") throw error;
  throw transient("RACED", "another apply of this key was faster; it is run again", { cause: error });
}
