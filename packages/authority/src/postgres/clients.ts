import { normalisePart } from "@stellaops/kernel";
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
    return this.first(ofClientId, normalisePart(clients, { clientId }));
  }

  async rotateSecret({ clientId, secretHash, at }: Rotation) {
    return this.changeOne({ where: { clientId, kind: "confidential" }, set: { secretHash, updatedAt: at } });
  }
}
