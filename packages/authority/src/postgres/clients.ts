import { normaliseKey } from "@stellaops/kernel";
import { PostgresRepository, table, type Unit } from "@stellaops/postgres";
import { clients } from "../aggregates.ts";
import type { Clients, Rotation } from "../repositories/clients.ts";
import type { DB } from "./generated/database.ts";

const { byKey, ...verbs } = table<DB, "clients", typeof clients>(clients);

const ofClientId = byKey<{ clientId: string }>("clientId");

export class PostgresClients extends PostgresRepository<typeof clients> implements Clients {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async findByClientId(clientId: string) {
    return this.first(ofClientId, normaliseKey(clients, { clientId }));
  }

  async rotateSecret(rotation: Rotation) {
    const { clientId, secretHash, at } = rotation;
    const clean = normaliseKey(clients, { clientId, secretHash, updatedAt: at });
    const set = { secretHash: clean.secretHash, updatedAt: clean.updatedAt };
    return this.changeOne({ where: { clientId: clean.clientId, kind: "confidential" }, set });
  }
}
