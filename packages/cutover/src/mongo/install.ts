import type { MongoSchema } from "@stellaops/migrator";

/** Collections of the cutover in a module's database; `epoch_<n>` and `apply_<generation>` come with the stages. */
export const mongoSchema: MongoSchema = {
  name: "cutover",
  collections: {
    stage: { indexes: [] },
    stage_history: { indexes: [] },
    leases: { indexes: [] },
    instances: { indexes: [] },
    shadow: { indexes: [] },
    // Adoption: its cursors, what does not fit, and whose document an `_id` names. Capture: where it stands, and its marks.
    adoptions: { indexes: [] },
    misfits: { indexes: [] },
    document_names: { indexes: [] },
    captures: { indexes: [] },
    capture_marks: { indexes: [] },
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
