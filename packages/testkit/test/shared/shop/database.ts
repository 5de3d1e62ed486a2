import type { Int8, JsonColumn, Timestamp } from "@stellaops/kernel";

interface Root {
  readonly tenant_id: string;
  readonly id: string;
  readonly revision: Int8;
  readonly created_at: Timestamp;
  readonly updated_at: Timestamp;
}
interface Lease {
  readonly attempts: Int8;
  readonly lease_holder: string | null;
  readonly lease_until: Timestamp | null;
  readonly claim_id: string | null;
}
interface Job extends Lease {
  readonly status: string;
  readonly available_at: Timestamp;
  readonly last_error: string | null;
}

/** As code generation would give it for the migration beside this file. */
export interface DB {
  readonly goods: Root & {
    readonly name: string;
    readonly name_folded: string;
    readonly pin: string | null;
    readonly sold: Int8;
    readonly deleted_at: Timestamp | null;
    readonly deleted_by: string | null;
  };
  readonly good_labels: {
    readonly tenant_id: string;
    readonly good_id: string;
    readonly label: string;
    readonly lang: string;
    readonly weight: Int8;
  };
  readonly good_remarks: {
    readonly tenant_id: string;
    readonly good_id: string;
    readonly ordinal: number;
    readonly body: string;
    readonly at: Timestamp;
  };
  readonly orders: Root & Job & { readonly priority: string; readonly priority_rank: number };
  readonly order_events: {
    readonly tenant_id: string;
    readonly order_id: string;
    readonly ordinal: number;
    readonly status: string;
    readonly error: string | null;
    readonly at: Timestamp;
  };
  readonly errands: Root & Job;
  readonly alarms: Root &
    Lease & { readonly enabled: boolean; readonly next_at: Timestamp | null; readonly missed: Int8 };
  readonly locks: Root & {
    readonly lock_key: string;
    readonly holder: string | null;
    readonly fencing_token: Int8;
    readonly acquired_at: Timestamp | null;
    readonly expires_at: Timestamp | null;
  };
  readonly audit: Root & {
    readonly actor: string;
    readonly action: string;
    readonly target_kind: string;
    readonly target_id: string;
    readonly details: JsonColumn;
    readonly occurred_at: Timestamp;
  };
}
