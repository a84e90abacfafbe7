import { Failure } from "@airside/kernel/errors"
import type { LogInResponse, User } from "@airside/protos/airside/accounts/v1/accounts"
import { endpoint } from "./endpoint.ts"
import { idShape, instantShape } from "./parts.ts"
import { flag, object, text } from "./shape.ts"
import { instant, present } from "./words.ts"

const userShape = object(
  {
    id: idShape,
    username: text({ example: "ada" }),
    email: text({ format: "email", example: "ada@example.com" }),
    first_name: text({ example: "Ada" }),
    last_name: text({ example: "Lovelace" }),
    staff: flag(),
    create_time: instantShape,
  },
  { title: "User" },
)

const sessionShape = object({
  user: userShape,
  access_token: text({ description: "For Authorization: Bearer.", example: "c2Vzc2lvbi10b2tlbg" }),
  expires_at: instantShape,
})

export const accountEndpoints = [
  endpoint({
    method: "POST",
    path: "/api/auth/register",
    summary: "Open an account and log in",
    body: object({
      username: text({ maximum: 200 }),
      email: text({ maximum: 500 }),
      password: text({ maximum: 1000 }),
      first_name: text(),
      last_name: text(),
    }),
    example: {
      username: "ada",
      email: "ada@example.com",
      password: "correct horse battery",
      first_name: "Ada",
      last_name: "Lovelace",
    },
    success: { status: 201, answer: sessionShape },
    reasons: { USERNAME_TAKEN: 409, EMAIL_TAKEN: 409 },
    async run({ clients, body, requestId }) {
      const answer = await clients.accounts.register({
        requestId,
        username: body.username,
        email: body.email,
        password: body.password,
        firstName: body.first_name,
        lastName: body.last_name,
      })
      return toSession(answer)
    },
  }),
  endpoint({
    method: "POST",
    path: "/api/auth/login",
    summary: "Log in by username or e-mail address",
    body: object({ username: text({ maximum: 500 }), password: text({ maximum: 1000 }) }),
    example: { username: "ada", password: "correct horse battery" },
    success: { status: 200, answer: sessionShape },
    reasons: { WRONG_CREDENTIALS: 401, TOO_MANY_ATTEMPTS: 429 },
    run: async ({ clients, body, requestId }) =>
      toSession(await clients.accounts.logIn({ requestId, username: body.username, password: body.password })),
  }),
  endpoint({
    method: "POST",
    path: "/api/auth/logout",
    summary: "End the session; ending it again is no error",
    success: { status: 204 },
    async run({ clients, sessions, identity, requestId }) {
      const { token, sessionToken } = await identity().catch(anonymousWhenEnded)
      if (!token || !sessionToken) return
      await clients.accounts.logOut({ requestId }, { token }).catch(anonymousWhenEnded)
      sessions.forget(sessionToken)
    },
  }),
  endpoint({
    method: "GET",
    path: "/api/auth/me",
    summary: "The account that is logged in",
    success: { status: 200, answer: object({ user: userShape }) },
    reasons: { LOG_IN_REQUIRED: 401, NOT_ALLOWED: 403 },
    async run({ clients, caller }) {
      const { user } = await clients.accounts.getAccount({}, await caller())
      return { user: toUser(present(user)) }
    },
  }),
]

const toSession = (answer: LogInResponse) => ({
  user: toUser(present(answer.user)),
  access_token: answer.accessToken,
  expires_at: instant(answer.expireTime),
})

const toUser = (user: User) => ({
  id: user.id,
  username: user.username,
  email: user.email,
  first_name: user.firstName,
  last_name: user.lastName,
  staff: user.staff,
  create_time: instant(user.createTime),
})

function anonymousWhenEnded(error: unknown): { token?: string; sessionToken?: string } {
  if (error instanceof Failure && error.code === "UNAUTHENTICATED") return {}
  throw error
}
