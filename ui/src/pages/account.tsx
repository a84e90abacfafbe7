import type { FieldProblem } from "@airside/kernel/errors"
import type { Session } from "@airside/protos/airside/accounts/v1/accounts"
import { Elysia } from "elysia"
import type { UiContext } from "../context.ts"
import { formatInstant } from "../format.ts"
import { Page, redirect, respond } from "../layout.tsx"
import { hasReason, problemOf } from "../problems.ts"
import { AccountTabs } from "./account-tabs.tsx"
import { ErrorSummary, Hidden, Input, RequestId, readForm, text } from "./form.tsx"
import { logInFirst } from "./list.tsx"

/** Who somebody is here: names, password and the sessions that are open. */
export const accountPage = (context: UiContext) =>
  new Elysia()
    .get("/account", ({ request }) => showAccount(context, request))
    .post("/account", async ({ request }) => update(context, request, await readForm(request)), { parse: "none" })
    .post("/account/password", async ({ request }) => changePassword(context, request, await readForm(request)), {
      parse: "none",
    })
    .post("/account/sessions/revoke", async ({ request }) => revoke(context, request, await readForm(request)), {
      parse: "none",
    })

async function update(context: UiContext, request: Request, form: URLSearchParams) {
  const { token, sessionToken } = await context.sessions.identityOf(request)
  const change = {
    requestId: text(form, "request_id"),
    email: text(form, "email"),
    firstName: text(form, "first_name"),
    lastName: text(form, "last_name"),
  }
  try {
    await context.clients.accounts.updateAccount(change, { token })
    if (sessionToken) context.sessions.forget(sessionToken)
    return redirect("/account?done=profile")
  } catch (error) {
    return refused(context, request, form, error, "EMAIL_TAKEN", "email")
  }
}

async function changePassword(context: UiContext, request: Request, form: URLSearchParams) {
  const { token } = await context.sessions.identityOf(request)
  const change = {
    requestId: text(form, "request_id"),
    currentPassword: form.get("current_password") ?? "",
    newPassword: form.get("new_password") ?? "",
  }
  try {
    await context.clients.accounts.changePassword(change, { token })
    return redirect("/account?done=password")
  } catch (error) {
    return refused(context, request, form, error, "WRONG_CREDENTIALS", "current_password")
  }
}

async function revoke(context: UiContext, request: Request, form: URLSearchParams) {
  const { token } = await context.sessions.identityOf(request)
  try {
    const { accounts } = context.clients
    await accounts.revokeSession(
      { requestId: text(form, "request_id"), sessionId: text(form, "session_id") },
      { token },
    )
  } catch (error) {
    // It has ended by itself: what was wanted is so.
    if (!hasReason(error, "SESSION_NOT_FOUND")) throw error
  }
  return redirect("/account?done=session")
}

/** The page again with what was refused; `reason` is about `field`, anything unexpected is thrown on. */
function refused(
  context: UiContext,
  request: Request,
  form: URLSearchParams,
  error: unknown,
  reason: string,
  field: string,
) {
  const { detail, fields } = problemOf(error)
  if (hasReason(error, reason)) return showAccount(context, request, form, [{ field, message: detail }])
  if (!hasReason(error, "INVALID_REQUEST")) throw error
  return showAccount(context, request, form, fields)
}

const DONE: Record<string, string> = {
  profile: "Your profile is saved.",
  password: "Your password is changed, and your other sessions are ended.",
  session: "That session is ended.",
}

async function showAccount(
  { clients, sessions }: UiContext,
  request: Request,
  form = new URLSearchParams(),
  problems: FieldProblem[] = [],
) {
  const { user, token } = await sessions.identityOf(request)
  if (!user) return logInFirst(request)
  const { sessions: open } = await clients.accounts.listSessions({ pageSize: 50, pageToken: "" }, { token })
  const done = DONE[new URL(request.url).searchParams.get("done") ?? ""]
  const field = (name: string, now: string) => ({ name, value: form.get(name) ?? now, problems })
  return respond(
    <Page title="Account" user={user} path="/account">
      <div class="page-head">
        <div>
          <h1>
            {user.firstName} {user.lastName}
          </h1>
          <p>{user.username}</p>
        </div>
      </div>
      <AccountTabs current="/account" />
      {done && (
        <p class="notice good" role="status">
          {done}
        </p>
      )}
      <ErrorSummary problems={problems} />
      <div class="reading">
        <form class="card" method="post" action="/account">
          <h2>Profile</h2>
          <RequestId />
          <div class="fields two">
            <Input {...field("first_name", user.firstName)} label="First name" autocomplete="given-name" />
            <Input {...field("last_name", user.lastName)} label="Last name" autocomplete="family-name" />
            <Input {...field("email", user.email)} label="E-mail" type="email" autocomplete="email" class="full" />
          </div>
          <div class="actions">
            <button class="button" type="submit">
              Save profile
            </button>
          </div>
        </form>
        <form class="card" method="post" action="/account/password">
          <h2>Password</h2>
          <RequestId />
          <div class="fields two">
            <Input
              name="current_password"
              label="Current password"
              type="password"
              autocomplete="current-password"
              problems={problems}
            />
            <Input
              name="new_password"
              label="New password"
              type="password"
              autocomplete="new-password"
              hint="8 characters or more."
              problems={problems}
            />
          </div>
          <div class="actions">
            <button class="button" type="submit">
              Change password
            </button>
          </div>
        </form>
        <section class="card" aria-labelledby="sessions-title">
          <h2 id="sessions-title">Where you are logged in</h2>
          <ul class="card-list">
            {open.map((session) => (
              <SessionEntry session={session} />
            ))}
          </ul>
        </section>
      </div>
    </Page>,
    problems.length > 0 ? 422 : 200,
  )
}

function SessionEntry({ session }: { session: Session }) {
  const since = session.createTime ? formatInstant(session.createTime) : ""
  return (
    <li>
      <span>
        Since{" "}
        <time datetime={session.createTime?.toISOString()} data-local="">
          {since}
        </time>
      </span>
      {session.current ? (
        <span class="status good">This browser</span>
      ) : (
        <form method="post" action="/account/sessions/revoke">
          <RequestId />
          <Hidden values={[["session_id", session.id]]} />
          <button class="link-button bad" type="submit">
            End<span class="hidden-visually"> the session since {since}</span>
          </button>
        </form>
      )}
    </li>
  )
}
