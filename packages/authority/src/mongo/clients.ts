import { normalisePart } from "@stellaops/kernel";
import { MongoRepository, table, type Unit } from "@stellaops/mongo";
import { clients } from "../aggregates.ts";
import type { Clients, Rotation } from "../repositories/clients.ts";

const verbs = table(clients);

export class MongoClients extends MongoRepository<typeof clients> implements Clients {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async findByClientId(clientId: string) {
    return this.first(normalisePart(clients, { clientId }));
  }

  async rotateSecret({ clientId, secretHash, at }: Rotation) {
    return this.changeOne({ where: { clientId, kind: "confidential" }, set: { secretHash, updatedAt: at } });
  }
}
