import type { MongoSchema } from "@stellaops/migrator";

/** Collections of the cutover in a module's database; `epoch_<n>` and `apply_<generation>` come with the stages. */
export const mongoSchema: MongoSchema = {
  name: "cutover",
  collections: {
    stage: { indexes: [] },
    stage_history: { indexes: [] },
    leases: { indexes: [] },
    register: {
      indexes: [
        {
          name: "idx_register_pending",
          key: { aggregate: 1, tenantId: 1, id: 1 },
          partialFilterExpression: { pending: true },
        },
      ],
    },
  },
};
