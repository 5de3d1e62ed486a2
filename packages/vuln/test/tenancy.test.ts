import { withPostgres } from "@stellaops/testkit";
import { postgresRig, tenancySuite, tenants, type PostgresRig } from "@stellaops/testkit/module";
import { wiring, type VulnRepositories } from "@stellaops/vuln";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { calls } from "./calls.ts";
import { advisory, kevFlag, mergeEvent, noon, opening, source, sourceState } from "./samples.ts";

tenancySuite({
  wiring,
  calls,
  fill: async (scope) => {
    await scope.sources.put(source(), 0n);
    await scope.sourceStates.put(sourceState(), 0n);
    const snapshot = opening();
    await scope.feedSnapshots.open(snapshot);
    await scope.feedSnapshots.addAdvisories(snapshot.id, [{ advisoryKey: "a", contentHash: "1" }], noon);
    await scope.advisories.ingestBatch([advisory()]);
    await scope.kevFlags.replaceAll([kevFlag()]);
    await scope.mergeEvents.append([mergeEvent()]);
  },
  definers: { "vuln_app.search_advisories": "tenant" },
});

describe("the search, past the policies", () => {
  let rig: PostgresRig<VulnRepositories>;
  beforeAll(async () => {
    rig = await postgresRig(wiring);
    for (const tenant of tenants) await rig.at(tenant).advisories.put(advisory(), 0n);
  });
  afterAll(() => rig.close());

  it("tenancy.search: the function gives own and shared rows, and none without a tenant", async () => {
    const search = `select tenant_id from vuln_app.search_advisories('''bounds''', 'infinity', 'ffffffff-ffff-ffff-ffff-ffffffffffff', '~', 10)`;
    await withPostgres(rig.appUrl, async (client) => {
      await expect(client.query(search)).rejects.toMatchObject({ code: "42501" });
      for (const [tenant, found] of [
        ["acme", ["@global", "acme"]],
        ["nobody", ["@global"]],
        ["@global", ["@global"]],
      ] as const) {
        await client.query("begin");
        await client.query("select set_config('app.tenant_id', $1, true)", [tenant]);
        const { rows } = await client.query<{ tenant_id: string }>(search);
        await client.query("commit");
        expect(rows.map((row) => row.tenant_id).toSorted()).toEqual(found);
      }
    });
  });
});
