import type { Sql } from "@airside/kernel/sql"
import { PostgresJsAdapter } from "@lucia-auth/adapter-postgresql"
import { Lucia, TimeSpan } from "lucia"

const SESSION_DAYS = 30

export type Sessions = ReturnType<typeof createSessions>

/**
 * Log-in sessions, kept by lucia. The client holds a random opaque token, the database its SHA-256 only. A session
 * lives 30 days and is prolonged when it is used in its second half.
 */
export function createSessions(sql: Sql) {
  // lucia's statements are always the same ones: planned once rather than for each request.
  const prepared = { unsafe: (text: string, values: never[]) => sql.unsafe(text, values, { prepare: true }) }
  const lucia = new Lucia(new PostgresJsAdapter(prepared as never, { user: "users", session: "sessions" }), {
    sessionExpiresIn: new TimeSpan(SESSION_DAYS, "d"),
  })
  return {
    async open(userId: string): Promise<{ accessToken: string; expireTime: Date }> {
      const accessToken = newAccessToken()
      const session = await lucia.createSession(userId, {}, { sessionId: hashToken(accessToken) })
      return { accessToken, expireTime: session.expiresAt }
    },
    /** The living session that a token opens. */
    async find(accessToken: string): Promise<{ sessionId: string; userId: string } | undefined> {
      const { session } = await lucia.validateSession(hashToken(accessToken))
      return session ? { sessionId: session.id, userId: session.userId } : undefined
    },
    close: (sessionId: string) => lucia.invalidateSession(sessionId),
  }
}

/** 256 random bits. */
export const newAccessToken = (): string =>
  Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url")

export const hashToken = (token: string): string => new Bun.CryptoHasher("sha256").update(token).digest("hex")
