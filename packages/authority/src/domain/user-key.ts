import { fold, normalisePart } from "@stellaops/kernel";
import { users } from "../aggregates.ts";
import type { UserRef } from "../repositories/users.ts";

/** What a user is found by. */
export interface UserKey {
  readonly name: "id" | "usernameFolded";
  readonly value: string;
}

/** @throws `VALUE_…` (data) */
export function keyOf(user: UserRef): UserKey {
  if ("userId" in user) return { name: "id", value: normalisePart(users, { id: user.userId }).id };
  return { name: "usernameFolded", value: fold(normalisePart(users, { username: user.username }).username) };
}
