import type { FieldProblem } from "@airside/kernel/errors"
import { Elysia } from "elysia"
import type { UiContext } from "../context.ts"
import { Page, redirect, respond } from "../layout.tsx"
import { hasReason, problemOf } from "../problems.ts"
import { ErrorSummary, Input, RequestId, readForm, text } from "./form.tsx"

/** Opens a booking for whoever knows its reference and a passenger's family name. */
export const findPage = (context: UiContext) =>
  new Elysia()
    .get("/find", ({ request }) =>
      showFind(context, request, { reference: text(new URL(request.url).searchParams, "reference") }),
    )
    .post("/find", async ({ request }) => find(context, request, await readForm(request)), { parse: "none" })

async function find(context: UiContext, request: Request, form: URLSearchParams): Promise<Response> {
  const { clients, sessions } = context
  const typed = { reference: text(form, "reference").toUpperCase(), familyName: text(form, "family_name") }
  const { token } = await sessions.identityOf(request)
  try {
    const asked = { requestId: text(form, "request_id"), ...typed }
    const { booking, accessToken } = await clients.bookings.findBooking(asked, { token })
    const { reference } = booking!
    return redirect(`/bookings/${reference}`, accessToken ? [sessions.guestCookie(reference, accessToken)] : [])
  } catch (error) {
    if (!hasReason(error, "BOOKING_NOT_FOUND", "INVALID_REQUEST", "TOO_MANY_ATTEMPTS")) throw error
    const { status, fields, detail } = problemOf(error)
    const unknown = [{ field: "reference", message: "No booking has this reference and this family name." }]
    const problems = status === 404 ? unknown : fields.length > 0 ? fields : [{ field: "", message: detail }]
    return showFind(context, request, typed, problems, status)
  }
}

interface Typed {
  reference: string
  familyName?: string
}

async function showFind(
  { sessions }: UiContext,
  request: Request,
  typed: Typed,
  problems: FieldProblem[] = [],
  status = 200,
) {
  const { user } = await sessions.identityOf(request)
  return respond(
    <Page title="Find a booking" user={user} path="/find">
      <div class="narrow">
        <div class="page-head">
          <div>
            <h1>Find your booking</h1>
            <p>The reference is the six letters and digits that you got when you booked.</p>
          </div>
        </div>
        <FindForm {...typed} problems={problems} />
      </div>
    </Page>,
    status,
  )
}

export function FindForm({ reference, familyName, problems = [] }: Typed & { problems?: FieldProblem[] }) {
  return (
    <form class="card" method="post" action="/find">
      <ErrorSummary problems={problems} />
      <RequestId />
      <div class="fields">
        <Input
          name="reference"
          label="Booking reference"
          value={reference}
          problems={problems}
          class="reference-field"
          placeholder="K7M2QX"
          autocomplete="off"
          autocapitalize="characters"
          spellcheck={false}
          maxlength={12}
        />
        <Input
          name="family_name"
          label="Family name of a passenger"
          value={familyName}
          problems={problems}
          autocomplete="family-name"
          maxlength={80}
        />
      </div>
      <div class="actions">
        <button class="button wide" type="submit">
          Open booking
        </button>
      </div>
    </form>
  )
}
