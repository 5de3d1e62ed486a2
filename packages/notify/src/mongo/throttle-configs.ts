import { normaliseKey } from "@stellaops/kernel";
import { MongoRepository, table, type Unit } from "@stellaops/mongo";
import { throttleConfigs, type ThrottleConfig } from "../aggregates.ts";
import { cleanConsumption, consumed, hasRoom, limitedBy, relimited } from "../domain/throttle-configs.ts";
import type { Consumption, ThrottleConfigs, ThrottleLimit } from "../repositories/throttle-configs.ts";

const verbs = table(throttleConfigs);

const length = { $multiply: [{ $toLong: "$windowSeconds" }, 1_000n] };

const over = (at: Date) => ({
  $or: [{ $eq: ["$windowStart", null] }, { $gte: [at, { $add: ["$windowStart", length] }] }],
});

const consume = (n: bigint, at: Date) => {
  const since = { $mod: [{ $subtract: [at, "$windowStart"] }, length] };
  const started = { $cond: [{ $eq: ["$windowStart", null] }, at, { $subtract: [at, since] }] };
  return [
    {
      $set: {
        windowStart: { $cond: [over(at), started, "$windowStart"] },
        events: { $cond: [over(at), n, { $add: ["$events", n] }] },
        updatedAt: at,
      },
    },
  ];
};

export class MongoThrottleConfigs extends MongoRepository<typeof throttleConfigs> implements ThrottleConfigs {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async configure(limit: ThrottleLimit) {
    const config = limitedBy(limit);
    return (await this.changeOne(relimited(config))) ?? this.createOne(config);
  }

  async tryConsume(consumption: Consumption) {
    const { scopeKind, scopeId, n, at } = cleanConsumption(consumption);
    const room = { $or: [over(at), { $lte: ["$events", { $subtract: ["$maxEvents", n] }] }] };
    // Each further turn means that another began a window meanwhile.
    for (;;) {
      const taken = await this.change({ scopeKind, scopeId, maxEvents: { $gte: n }, $expr: room }, consume(n, at));
      if (taken !== null) return consumed(true, taken, at);
      const there = await this.ownBy({ scopeKind, scopeId });
      if (there === null) return null;
      if (!hasRoom(there, n, at)) return consumed(false, there, at);
    }
  }

  async findByScope(scopeKind: ThrottleConfig["scopeKind"], scopeId: string) {
    return this.first(normaliseKey(throttleConfigs, { scopeKind, scopeId }));
  }
}
