import { normaliseKey } from "@stellaops/kernel";
import { MongoRepository, table, type Unit } from "@stellaops/mongo";
import { clients } from "../aggregates.ts";
import type { Clients, Rotation } from "../repositories/clients.ts";

const verbs = table(clients);

export class MongoClients extends MongoRepository<typeof clients> implements Clients {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async findByClientId(clientId: string) {
    return this.first(normaliseKey(clients, { clientId }));
  }

  async rotateSecret(rotation: Rotation) {
    const { clientId, secretHash, at } = rotation;
    const clean = normaliseKey(clients, { clientId, secretHash, updatedAt: at });
    const set = { secretHash: clean.secretHash, updatedAt: clean.updatedAt };
    return this.changeOne({ where: { clientId: clean.clientId, kind: "confidential" }, set });
  }
}
