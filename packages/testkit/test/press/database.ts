import type { Int8, Timestamp } from "@stellaops/kernel";

interface Root {
  readonly tenant_id: string;
  readonly id: string;
  readonly revision: Int8;
  readonly created_at: Timestamp;
  readonly updated_at: Timestamp;
}
interface Hold {
  readonly lease_holder: string | null;
  readonly lease_until: Timestamp | null;
  readonly claim_id: string | null;
}

/** As code generation would give it for the migration beside this file. */
export interface DB {
  readonly papers: Root & {
    readonly topic: string;
    readonly code: string;
    readonly status: string;
    readonly pinned: boolean;
    readonly content_hash: string;
  };
  readonly paper_lines: {
    readonly tenant_id: string;
    readonly paper_id: string;
    readonly name: string;
    readonly body: string;
  };
  readonly paper_notes: {
    readonly tenant_id: string;
    readonly paper_id: string;
    readonly ordinal: number;
    readonly body: string;
  };
  readonly parcels: Root &
    Hold & {
      readonly status: string;
      readonly attempt: Int8;
      readonly next_attempt_at: Timestamp | null;
      readonly error: string | null;
    };
  readonly bundles: Root &
    Hold & { readonly state: string; readonly due_at: Timestamp | null; readonly attempts: Int8 };
}
