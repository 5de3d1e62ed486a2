import { bulkLoad, openPostgres, singleUnit } from "@stellaops/postgres";
import { aSource } from "@stellaops/testkit/source";
import { openVuln, wiring } from "@stellaops/vuln";
import { definition } from "../advisories.ts";
import type { Experiment } from "../experiment.ts";
import { advisoriesOf } from "../feed.ts";
import { interleaved } from "../measure.ts";
import { staged } from "../module-stage.ts";
import { tenant, type Rig } from "../rig.ts";
import type { Row } from "../row.ts";

const together = 64;
type Stored = readonly { readonly id: string }[];
const at = (stored: Stored, turn: number): string => stored[(turn * 7_919) % stored.length]?.id ?? "";

/** P12: what the switch costs once a module has arrived, and what reads gain that are asked at once. */
export const switchExperiment: Experiment = async ({ rig, rounds }) => {
  const advisories = [...advisoriesOf(2_000, 1)];
  await bulkLoad(rig.replicator.pool, definition, tenant, advisories);
  const sources = advisories.slice(0, 200).map(({ id }) => aSource(id));
  for (const source of sources) await rig.onPostgres.tenant(tenant).sources.put(source, 0n);
  await rig.sql("analyze");
  return [...(await pipelined(rig, rounds, { advisories, sources })), ...(await switched(rig, rounds, advisories))];
};

/** On one connection: the reads of one tick, awaited each before the next is asked, and asked together. */
async function pipelined(rig: Rig, rounds: number, stored: Readonly<Record<string, Stored>>): Promise<readonly Row[]> {
  const postgres = openPostgres({ url: rig.app.url, max: 1 });
  const one = await openVuln({ postgres, stage: "postgres" });
  const scope = one.tenant(tenant);
  const rows: Row[] = [];
  for (const [name, get] of [
    ["sources", (id: string) => scope.sources.get(id)],
    ["advisories", (id: string) => scope.advisories.get(id)],
  ] as const) {
    const all = stored[name] ?? [];
    const ids = (turn: number) => Array.from({ length: together }, (_, i) => at(all, turn * together + i));
    const { perSecond, ratio } = await interleaved(
      {
        awaited: async (turn) => {
          for (const id of ids(turn)) await get(id);
        },
        pipelined: (turn) => Promise.all(ids(turn).map((id) => get(id))),
      },
      { rounds, callers: 1 },
    );
    rows.push({
      experiment: "P12",
      name: `${together} independent reads of ${name} by id, asked together ÷ awaited one by one, one connection`,
      ratio: ratio("pipelined", "awaited"),
      reach: name === "sources" ? { least: 4 } : null,
      parts: perSecond,
      unit: `groups of ${together} a second, 1 caller`,
      ...(name === "advisories"
        ? {
            note: "An advisory is read with its six child tables: what the server does for each is not shared by asking together.",
          }
        : {}),
    });
  }
  await one.close();
  await postgres.close();
  return rows;
}

/** At stage `postgres`: through the record, lease and telemetry, against the repository with nothing around it. */
async function switched(rig: Rig, rounds: number, advisories: Stored): Promise<readonly Row[]> {
  const { repositories } = await wiring.postgres();
  const bare = new repositories.advisories(singleUnit(rig.app.pool, { tenant, writes: false }));
  const stage = await staged(rig, "postgres");
  const module = await stage.open();
  const through = module.tenant(tenant).advisories;
  const { perSecond, ratio } = await interleaved(
    { bare: (turn) => bare.get(at(advisories, turn)), through: (turn) => through.get(at(advisories, turn)) },
    { rounds },
  );
  await module.close();
  return [
    {
      experiment: "P12",
      name: "read by id at stage postgres, through the switch with its metrics and spans ÷ the bare PostgreSQL repository",
      ratio: ratio("through", "bare"),
      reach: { least: 0.98 },
      parts: perSecond,
      unit: "reads/s, 8 callers, 8 connections; no OpenTelemetry SDK registered",
    },
  ];
}
