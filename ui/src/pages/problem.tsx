import type { User } from "@airside/protos/airside/accounts/v1/accounts"
import { Page, respond } from "../layout.tsx"
import { isUndecided, problemOf } from "../problems.ts"
import { FindForm } from "./find.tsx"
import { formToSendAgain, Hidden } from "./form.tsx"

const HEADINGS: Record<number, [heading: string, advice: string]> = {
  403: ["This is not yours to do", "Your account may not open this page."],
  404: ["There is no such page", "The address may be mistyped, or what stood here is gone."],
  405: ["This cannot be done here", "The page was asked in a way that it does not know."],
  413: ["That is too much at once", "What you sent is larger than anything we take."],
  429: ["Too many tries", "Please wait a moment before you try again."],
  500: ["Something went wrong on our side", "Nothing you did; we have noted it. Please try again."],
  503: ["Just a moment", "A part of Airside cannot answer right now. Nothing is lost: please try again."],
}

/**
 * Any failure as a page in the usual frame; app.ts calls it from onError. While nobody knows whether a form was carried
 * out, the page holds that form, request_id and all, to be sent again.
 */
export function renderProblemPage(failure: unknown, request: Request, user?: User): Promise<Response> {
  const problem = problemOf(failure)
  const undecided = isUndecided(failure)
  const form = undecided ? formToSendAgain(request) : undefined
  const { pathname, search } = new URL(request.url)
  const [heading, advice] = HEADINGS[undecided ? 503 : problem.status] ?? [
    "This did not work",
    "Please go back and look at it again.",
  ]
  const id = /\(([0-9a-f-]{8,})\)/.exec(problem.detail ?? "")?.[1]
  return respond(
    <Page title={heading} user={user}>
      <div class="problem">
        <p class="problem-code" aria-hidden="true">
          {problem.status}
        </p>
        <h1>{heading}</h1>
        <p>{problem.detail && problem.status !== 500 && problem.status !== 404 ? problem.detail : advice}</p>
        {id && <p class="muted">If you write to us, name this number: {id}</p>}
        {form ? (
          <form method="post" action={pathname + search}>
            <Hidden values={form} />
            <button class="button" type="submit">
              Try again
            </button>
          </form>
        ) : (
          <p>
            <a class="button" href="/">
              Search flights
            </a>
          </p>
        )}
      </div>
    </Page>,
    problem.status,
    { headers: problem.retryAfterSeconds ? { "retry-after": String(problem.retryAfterSeconds) } : {} },
  )
}

/** The same for a reference that does not exist and for one that belongs to somebody else. */
export function renderBookingNotFound(user: User | undefined, reference: string): Promise<Response> {
  return respond(
    <Page title="Booking not found" user={user} path="/find">
      <div class="narrow">
        <div class="page-head">
          <div>
            <h1>We cannot show that booking</h1>
            <p>It does not exist, or this browser has not opened it yet. Open it with a passenger’s family name.</p>
          </div>
        </div>
        <FindForm reference={reference.slice(0, 12)} />
      </div>
    </Page>,
    404,
  )
}
