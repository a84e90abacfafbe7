import { failuresOf, type Problems } from "@airside/kernel/errors"
import type { Queryable } from "@airside/kernel/sql"
import type { User } from "@airside/protos/airside/accounts/v1/accounts"
import type { CallContext } from "../context.ts"

export interface UserRow {
  id: string
  username: string
  email: string
  firstName: string
  lastName: string
  staff: boolean
  createTime: Date
}

/** The columns of a UserRow. */
export const userColumns = (sql: Queryable) =>
  sql`id, username, email, first_name as "firstName", last_name as "lastName", staff, create_time as "createTime"`

export const toUser = (row: UserRow): User => ({
  id: row.id,
  username: row.username,
  email: row.email,
  firstName: row.firstName,
  lastName: row.lastName,
  staff: row.staff,
  createTime: row.createTime,
})

/** The id of the person who calls; the allow table lets nobody else through to where this is asked. */
export function callerUserId({ call }: Pick<CallContext, "call">): string {
  if (call.caller.kind !== "person") throw notLoggedIn.LOG_IN_REQUIRED()
  return call.caller.userId
}

const notLoggedIn = failuresOf({ LOG_IN_REQUIRED: ["UNAUTHENTICATED", "Log in first."] })

export function checkName(problems: Problems, field: string, name: string) {
  if (name.trim() === "") problems.add(field, "is missing")
  else if (name.length > 100) problems.add(field, "is longer than 100 characters")
  else if (/\p{Cc}/u.test(name)) problems.add(field, "has control characters in it")
}

export function checkEmail(problems: Problems, field: string, email: string) {
  if (email.trim() === "") problems.add(field, "is missing")
  else if (email.length > 254 || /\p{Cc}/u.test(email) || !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email))
    problems.add(field, "is not an e-mail address")
}

export function checkPassword(problems: Problems, field: string, password: string) {
  if (password.length < 8) problems.add(field, "has fewer than 8 characters")
  else if (password.length > 200) problems.add(field, "has more than 200 characters")
}
