import { normaliseKey } from "@stellaops/kernel";
import { MongoRepository, table, type Unit } from "@stellaops/mongo";
import { licenses } from "../aggregates.ts";
import { cleanConsumption, consumed, refusalOf } from "../domain/license-consumption.ts";
import type { Consumption, Licenses } from "../repositories/licenses.ts";

const verbs = table(licenses);

/** Whether the license has room for it, and its usage with it; metrics and periods are values here, never paths. */
const taking = ({ metric, period, n }: Consumption) => {
  const [ofMetric, ofPeriod] = [{ $literal: metric }, { $literal: period }];
  const same = { $and: [{ $eq: ["$$this.metric", ofMetric] }, { $eq: ["$$this.period", ofPeriod] }] };
  const mine = { $filter: { input: "$usage", cond: same } };
  const others = { $filter: { input: "$usage", cond: { $not: [same] } } };
  const used = { $add: [{ $sum: { $map: { input: mine, in: "$$this.used" } } }, n] };
  const limit = { $getField: { field: ofMetric, input: "$limits" } };
  const all = { $concatArrays: [others, [{ metric: ofMetric, period: ofPeriod, used }]] };
  return {
    room: { $and: [{ $isNumber: limit }, { $lte: [used, limit] }] },
    usage: { $sortArray: { input: all, sortBy: { metric: 1, period: 1 } } },
  };
};

export class MongoLicenses extends MongoRepository<typeof licenses> implements Licenses {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async findByKey(licenseKey: string) {
    return this.first(normaliseKey(licenses, { licenseKey }));
  }

  async consume(consumption: Consumption) {
    const asked = cleanConsumption(consumption);
    const { licenseKey, at } = asked;
    const { room, usage } = taking(asked);
    const open = { licenseKey, status: "active", validFrom: { $lte: at }, validTo: { $gt: at }, $expr: room } as const;
    const license = await this.change(open, [{ $set: { usage, updatedAt: at } }]);
    if (license === null) throw refusalOf(await this.findByKey(licenseKey), this.unit.tenant, asked);
    return consumed(license, asked);
  }
}
