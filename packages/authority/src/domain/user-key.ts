import { fold, normaliseKey } from "@stellaops/kernel";
import { users } from "../aggregates.ts";
import type { UserRef } from "../repositories/users.ts";

/** What a user is found by. */
export interface UserKey {
  readonly name: "id" | "usernameFolded";
  readonly value: string;
}

/** @throws `VALUE_…` (data) */
export function keyOf(user: UserRef): UserKey {
  if ("userId" in user) return { name: "id", value: normaliseKey(users, { id: user.userId }).id };
  return { name: "usernameFolded", value: fold(normaliseKey(users, { username: user.username }).username) };
}
