import type { FieldProblem } from "@airside/kernel/errors"
import type { RegisterResponse } from "@airside/protos/airside/accounts/v1/accounts"
import { Elysia } from "elysia"
import type { UiContext } from "../context.ts"
import { Page, redirect, respond } from "../layout.tsx"
import { hasReason, problemOf } from "../problems.ts"
import { ErrorSummary, Hidden, Input, RequestId, readForm, text } from "./form.tsx"
import { localPath } from "./list.tsx"

/** Logging in and out, and opening an account. `next` is where it leads to, within this site only. */
export const logInPage = (context: UiContext) =>
  new Elysia()
    .get("/login", ({ request }) => showLogIn(context, request, new URL(request.url).searchParams))
    .post("/login", async ({ request }) => logIn(context, request, await readForm(request)), { parse: "none" })
    .post("/logout", ({ request }) => logOut(context, request), { parse: "none" })
    .get("/register", ({ request }) => showRegister(context, request, new URL(request.url).searchParams))
    .post("/register", async ({ request }) => register(context, request, await readForm(request)), { parse: "none" })

async function logIn(context: UiContext, request: Request, form: URLSearchParams): Promise<Response> {
  try {
    const answer = await context.clients.accounts.logIn({
      requestId: text(form, "request_id"),
      username: text(form, "username"),
      password: form.get("password") ?? "",
    })
    return enter(context, answer, form)
  } catch (error) {
    if (!hasReason(error, "WRONG_CREDENTIALS", "TOO_MANY_ATTEMPTS", "INVALID_REQUEST")) throw error
    const { detail, fields, status } = problemOf(error)
    const wrong = hasReason(error, "WRONG_CREDENTIALS")
    const message = wrong ? "We know no account with this name and password." : detail
    const problems = fields.length > 0 ? fields : [{ field: wrong ? "username" : "", message }]
    return showLogIn(context, request, form, problems, wrong ? 422 : status)
  }
}

async function register(context: UiContext, request: Request, form: URLSearchParams): Promise<Response> {
  try {
    const answer = await context.clients.accounts.register({
      requestId: text(form, "request_id"),
      username: text(form, "username"),
      email: text(form, "email"),
      password: form.get("password") ?? "",
      firstName: text(form, "first_name"),
      lastName: text(form, "last_name"),
    })
    return enter(context, answer, form)
  } catch (error) {
    const { fields, detail, status } = problemOf(error)
    if (hasReason(error, "USERNAME_TAKEN"))
      return showRegister(context, request, form, [{ field: "username", message: detail }], status)
    if (hasReason(error, "EMAIL_TAKEN"))
      return showRegister(context, request, form, [{ field: "email", message: detail }], status)
    if (!hasReason(error, "INVALID_REQUEST")) throw error
    return showRegister(context, request, form, fields, status)
  }
}

async function logOut({ clients, sessions }: UiContext, request: Request): Promise<Response> {
  const { token, sessionToken } = await sessions.identityOf(request)
  if (token) await clients.accounts.logOut({ requestId: crypto.randomUUID() }, { token })
  if (sessionToken) sessions.forget(sessionToken)
  return redirect("/", [sessions.endSessionCookie()])
}

const enter = ({ sessions }: UiContext, answer: RegisterResponse, form: URLSearchParams) =>
  redirect(localPath(text(form, "next")), [sessions.sessionCookie(answer.accessToken, answer.expireTime!)])

async function showLogIn(
  { sessions }: UiContext,
  request: Request,
  form: URLSearchParams,
  problems: FieldProblem[] = [],
  status = 200,
) {
  const { user } = await sessions.identityOf(request)
  const next = localPath(text(form, "next"))
  if (user && status === 200) return redirect(next)
  return respond(
    <Page title="Log in" user={user} path="/login">
      <div class="narrow">
        <div class="page-head">
          <h1>Log in</h1>
        </div>
        <form class="card" method="post" action="/login">
          <ErrorSummary problems={problems} />
          <RequestId />
          <Hidden values={[["next", next]]} />
          <div class="fields">
            <Input
              name="username"
              label="Username or e-mail"
              value={text(form, "username")}
              problems={problems}
              autocomplete="username"
              autocapitalize="off"
              spellcheck={false}
            />
            <Input
              name="password"
              label="Password"
              type="password"
              problems={problems}
              autocomplete="current-password"
            />
          </div>
          <div class="actions">
            <button class="button wide large" type="submit">
              Log in
            </button>
          </div>
        </form>
        <p class="aside-link">
          New here? <a href={`/register?next=${encodeURIComponent(next)}`}>Open an account</a>
        </p>
      </div>
    </Page>,
    status,
  )
}

async function showRegister(
  { sessions }: UiContext,
  request: Request,
  form: URLSearchParams,
  problems: FieldProblem[] = [],
  status = 200,
) {
  const { user } = await sessions.identityOf(request)
  const next = localPath(text(form, "next"))
  if (user && status === 200) return redirect(next)
  const field = (name: string) => ({ name, value: text(form, name), problems })
  return respond(
    <Page title="Register" user={user} path="/register">
      <div class="narrow">
        <div class="page-head">
          <div>
            <h1>Open an account</h1>
            <p>Your trips in one place, saved cards, and points on every fare.</p>
          </div>
        </div>
        <form class="card" method="post" action="/register">
          <ErrorSummary problems={problems} />
          <RequestId />
          <Hidden values={[["next", next]]} />
          <div class="fields two">
            <Input {...field("first_name")} label="First name" autocomplete="given-name" maxlength={80} />
            <Input {...field("last_name")} label="Last name" autocomplete="family-name" maxlength={80} />
            <Input {...field("email")} label="E-mail" type="email" autocomplete="email" class="full" />
            <Input
              {...field("username")}
              label="Username"
              class="full"
              autocomplete="username"
              autocapitalize="off"
              spellcheck={false}
              hint="3 to 32 letters, digits, dots, hyphens or underscores."
            />
            <Input
              name="password"
              label="Password"
              type="password"
              class="full"
              problems={problems}
              autocomplete="new-password"
              hint="8 characters or more."
            />
          </div>
          <div class="actions">
            <button class="button wide large" type="submit">
              Open account
            </button>
          </div>
        </form>
        <p class="aside-link">
          Have an account? <a href={`/login?next=${encodeURIComponent(next)}`}>Log in</a>
        </p>
      </div>
    </Page>,
    status,
  )
}
