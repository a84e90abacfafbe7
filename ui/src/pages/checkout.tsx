import { BookingStatus } from "@airside/protos/airside/bookings/v1/bookings"
import { Elysia } from "elysia"
import type { UiContext } from "../context.ts"
import { Page, redirect, respond } from "../layout.tsx"
import { hasReason } from "../problems.ts"
import { FindForm } from "./find.tsx"
import { text } from "./form.tsx"
import { renderProblemPage } from "./problem.tsx"

/**
 * Where the payment provider sends the payer back to. Coming back proves nothing, so the payment is fetched; and it may
 * be another browser that comes back, so nothing personal is shown to whom the booking is not open.
 */
export const checkoutReturnPage = (context: UiContext) =>
  new Elysia().get("/checkout/return", async ({ request }) => {
    const { clients, sessions } = context
    const { user } = await sessions.identityOf(request)
    const payment = text(new URL(request.url).searchParams, "payment")
    let settled: { reference: string; status: BookingStatus }
    try {
      settled = await clients.bookings.settleBooking(
        { subject: { $case: "paymentId", value: payment } },
        await clients.asUi(),
      )
    } catch (error) {
      if (!hasReason(error, "PAYMENT_NOT_FOUND", "BOOKING_NOT_FOUND", "INVALID_REQUEST")) throw error
      return renderProblemPage(404, user)
    }
    const { reference, status } = settled
    const opens = await sessions
      .asOwnerOf(request, reference, (options) => clients.bookings.getBooking({ reference }, options))
      .then(
        () => true,
        () => false,
      )
    if (opens) return redirect(`/bookings/${reference}${status === BookingStatus.AWAITING_PAYMENT ? "?look=1" : ""}`)
    const paid = status === BookingStatus.PAID || status === BookingStatus.CONFIRMED
    return respond(
      <Page title={paid ? "Payment received" : "Back from payment"} user={user} path="/find">
        <div class="narrow">
          <div class="page-head">
            <div>
              <h1>{paid ? "Payment received" : "The payment is not complete"}</h1>
              <p>
                Booking <b class="reference">{reference}</b>. Open it with a passenger’s family name to see more.
              </p>
            </div>
          </div>
          <FindForm reference={reference} />
        </div>
      </Page>,
    )
  })
