import type { Repository, Stored } from "@stellaops/kernel";
import type { clients } from "../aggregates.ts";

export interface Rotation {
  readonly clientId: string;
  /** Of the new secret, in PHC form. */
  readonly secretHash: string;
  readonly at: Date;
}

/** Programs that ask for tokens. `secretHash` takes a hash in PHC form and nothing else (`SECRET_PLAIN`, data). */
export interface Clients extends Repository<typeof clients> {
  /** The tenant's own client of that id, else the shared one, else null. */
  findByClientId(clientId: string): Promise<Stored<typeof clients> | null>;
  /** Puts the new hash in place of the old; of concurrent rotations the last stays. Null when the tenant has no such confidential client. */
  rotateSecret(rotation: Rotation): Promise<Stored<typeof clients> | null>;
}
