import type { AuthorityRepositories, Client } from "@stellaops/authority";
import { outcomeOf, repositoryContract } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import { describe, expect, it } from "vitest";
import { client, day, fresh, noon, phc } from "../samples.ts";

export function clientsContract(rig: () => Rig<AuthorityRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).clients;
  repositoryContract({
    name: "clients",
    repository: at,
    make: (id) => client(id === undefined ? {} : { id }),
    changed: (was): Client => ({ ...was, secretHash: null, kind: "public", senderConstraint: "mtls", grantTypes: [] }),
    twin: ({ clientId }) => client({ clientId }),
    constraint: "uq_clients_client_id",
    registered: () => rig().registered,
  });

  describe("clients, particular", () => {
    it("clients.findByClientId: gives the tenant's own before the shared one", async () => {
      const clientId = fresh("client");
      await at("@global").put(client({ clientId }), 0n);
      expect(await at("acme").findByClientId(clientId)).toMatchObject({ tenantId: "@global" });
      await at("acme").put(client({ clientId }), 0n);
      expect(await at("acme").findByClientId(clientId)).toMatchObject({ tenantId: "acme" });
      expect(await at("acme").findByClientId("x")).toBeNull();
    });

    it("clients.rotateSecret: puts the new hash in place of the old, of the tenant's own confidential ones", async () => {
      const [made, open, shared] = [client(), client({ kind: "public", secretHash: null }), client()];
      await at("acme").put(made, 0n);
      await at("acme").put(open, 0n);
      await at("@global").put(shared, 0n);
      const rotate = ({ clientId }: { readonly clientId: string }, secretHash = phc("new"), when = day(1)) =>
        at("acme").rotateSecret({ clientId, secretHash, at: when });
      const rotated = { ...made, secretHash: phc("new"), updatedAt: day(1), revision: 2n, tenantId: "acme" };
      expect(await rotate(made)).toEqual(rotated);
      expect(await at("acme").get(made.id)).toEqual(rotated);
      expect([await rotate(open), await rotate(shared), await rotate({ clientId: "x" })]).toEqual([null, null, null]);
      const plain = await outcomeOf(() => rotate(made, "a plain secret"));
      expect(plain).toMatchObject({ error: "SECRET_PLAIN", family: "data", path: "secretHash" });
      expect(await at("acme").get(made.id)).toEqual(rotated);
    });

    it("clients.rotateSecret: counts every one of many at once; the last stays", async () => {
      const made = client();
      await at("acme").put(made, 0n);
      const { clientId } = made;
      const hashes = Array.from({ length: 6 }, (_, i) => phc(`secret ${i}`));
      const answers = await Promise.all(
        hashes.map((secretHash) => at("acme").rotateSecret({ clientId, secretHash, at: noon })),
      );
      const last = answers.find((answer) => answer?.revision === 7n);
      expect(await at("acme").get(made.id)).toEqual(last);
    });
  });
}
