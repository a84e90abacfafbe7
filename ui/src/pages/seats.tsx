import type { RequestOptions } from "@airside/kernel/rpc-client"
import { type Booking, type Passenger, PassengerType } from "@airside/protos/airside/bookings/v1/bookings"
import { type FareBrand, type Seat, SeatPosition, SeatStatus } from "@airside/protos/airside/flights/v1/flights"
import { Elysia } from "elysia"
import type { UiContext } from "../context.ts"
import { formatMoney } from "../format.ts"
import { Page, redirect, respond } from "../layout.tsx"
import { hasReason, problemOf } from "../problems.ts"
import { choosesSeats, listBrands } from "./fare-brands.ts"
import { ErrorSummary, RequestId, readForm, text } from "./form.tsx"
import { asOwner } from "./owner.ts"

/** More seats in a row than this, and the map is drawn smaller on a phone. */
const NARROW_ROW = 7

/** Seats, for one passenger on one flight at a time, in the order in which they are still missing. */
export const seatsPage = (context: UiContext) =>
  new Elysia()
    .get("/bookings/:reference/seats", ({ request, params: { reference } }) =>
      asOwner(context, request, reference, (options) => showSeats(context, request, reference, options)),
    )
    .post(
      "/bookings/:reference/seats",
      async ({ request, params: { reference } }) => {
        const form = await readForm(request)
        return asOwner(context, request, reference, (options) => chooseSeat(context, request, reference, form, options))
      },
      { parse: "none" },
    )

async function chooseSeat(
  context: UiContext,
  request: Request,
  reference: string,
  form: URLSearchParams,
  options: RequestOptions,
): Promise<Response> {
  const [passengerId, segmentId, seat] = ["passenger", "segment", "seat"].map((name) => text(form, name)) as [
    string,
    string,
    string,
  ]
  const here = `?${new URLSearchParams({ segment: segmentId, passenger: passengerId })}`
  if (!seat) return showSeats(context, request, reference, options, { search: here, message: "Choose a seat first." })
  const brands = await listBrands(context.clients)
  try {
    const { booking } = await context.clients.bookings.chooseSeats(
      { requestId: text(form, "request_id"), reference, seats: [{ passengerId, segmentId, seat }] },
      options,
    )
    const next = placesOf(booking!, brands).find(({ chosen }) => !chosen)
    return redirect(next ? next.href : `/bookings/${reference}`)
  } catch (error) {
    if (!hasReason(error, "SEAT_TAKEN", "SEAT_NOT_INCLUDED", "BOOKING_STATE", "INVALID_REQUEST")) throw error
    const { detail, fields, status } = problemOf(error)
    const message = fields[0]?.message ?? detail
    return showSeats(context, request, reference, options, { search: here, message, status })
  }
}

interface Refused {
  search: string
  message: string
  status?: number
}

async function showSeats(
  { clients, sessions }: UiContext,
  request: Request,
  reference: string,
  options: RequestOptions,
  refused?: Refused,
): Promise<Response> {
  const [{ user }, { booking }, map, brands] = await Promise.all([
    sessions.identityOf(request),
    clients.bookings.getBooking({ reference }, options),
    clients.flights.getSeatMap(
      { subject: { $case: "bookingReference", value: reference }, cabin: 0 } as never,
      options,
    ),
    listBrands(clients),
  ])
  const asked = new URLSearchParams(refused?.search ?? new URL(request.url).search)
  const places = placesOf(booking!, brands)
  const place =
    places.find(
      ({ segment, passenger }) => segment.id === asked.get("segment") && passenger.id === asked.get("passenger"),
    ) ??
    places.find(({ chosen }) => !chosen) ??
    places[0]
  const seats = map.segments.find((segment) => segment.segmentId === place?.segment.id)?.seats ?? []
  return respond(
    <Page title="Choose seats" user={user} path="/trips">
      <div class="page-head">
        <div>
          <h1>Choose seats</h1>
          <p>
            Booking <b class="reference">{reference}</b>
          </p>
        </div>
        <a class="button secondary" href={`/bookings/${reference}`}>
          Back to the booking
        </a>
      </div>
      <nav class="seat-places" aria-label="Passengers and flights">
        {[...Map.groupBy(places, ({ segment }) => segment)].map(([segment, ofFlight]) => (
          <div>
            <h2>
              {segment.flight?.flightNumber}{" "}
              <span class="muted">
                {segment.flight?.origin}–{segment.flight?.destination}
              </span>
            </h2>
            <ul>
              {ofFlight.map((each) => (
                <li>
                  <a href={each.href} aria-current={each === place ? "true" : undefined}>
                    <span>
                      {each.passenger.givenName} {each.passenger.familyName}
                    </span>
                    <b class="number">{each.chosen || "–"}</b>
                  </a>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </nav>
      {refused && <ErrorSummary problems={[{ field: "", message: refused.message }]} />}
      {place && seats.length > 0 ? (
        <form class="card seat-form" method="post" action={`/bookings/${reference}/seats`}>
          <RequestId />
          <input type="hidden" name="passenger" value={place.passenger.id} />
          <input type="hidden" name="segment" value={place.segment.id} />
          <SeatMap seats={seats} chosen={place.chosen} name={place.passenger.givenName} />
          <div class="actions seat-save">
            <button class="button large" type="submit">
              Save this seat
            </button>
          </div>
        </form>
      ) : (
        <div class="empty">
          <h2>Seats cannot be chosen here</h2>
          <p>They are given out at check-in.</p>
        </div>
      )}
    </Page>,
    refused ? (refused.status ?? 422) : 200,
  )
}

function SeatMap({ seats, chosen, name }: { seats: Seat[]; chosen: string; name: string }) {
  const rows = [...Map.groupBy(seats, ({ number }) => number.replace(/\D/g, ""))]
  return (
    <fieldset class="seat-map">
      <legend class="card-title">A seat for {name}</legend>
      <ul class="seat-key" aria-hidden="true">
        <li class="free">Free</li>
        <li class="yours">Yours</li>
        <li class="taken">Taken</li>
      </ul>
      <div class={`seat-rows ${rows.some(([, row]) => row.length > NARROW_ROW) ? "wide-body" : ""}`}>
        {rows.map(([row, seatsOfRow]) => (
          <div class="seat-row">
            {seatsOfRow.map((seat, index) => (
              <>
                {index > 0 && isAisle(seatsOfRow[index - 1]!, seat) && (
                  <span class="seat-aisle" aria-hidden="true">
                    {row}
                  </span>
                )}
                <SeatChoice seat={seat} chosen={chosen} />
              </>
            ))}
          </div>
        ))}
      </div>
    </fieldset>
  )
}

function SeatChoice({ seat, chosen }: { seat: Seat; chosen: string }) {
  const mine = seat.number === chosen
  const free = mine || seat.status === SeatStatus.FREE
  const position = { 1: "window", 2: "middle", 3: "aisle" }[seat.position as 1 | 2 | 3] ?? ""
  const price = seat.price && seat.price.minorUnits > 0n ? `, ${formatMoney(seat.price)}` : ""
  const state = free ? "" : seat.status === SeatStatus.YOURS ? ", your fellow traveller’s" : ", taken"
  return (
    <label class={`seat ${seat.status === SeatStatus.YOURS ? "yours" : ""}`}>
      <input type="radio" name="seat" value={seat.number} checked={mine} disabled={!free} />
      <span aria-hidden="true">{seat.number.replace(/\d/g, "")}</span>
      <span class="hidden-visually">{`${seat.number} ${position}${price}${state}`}</span>
    </label>
  )
}

const isAisle = (left: Seat, right: Seat) =>
  left.position === SeatPosition.AISLE && right.position === SeatPosition.AISLE

/** Every passenger with a seat on every flight whose fare includes choosing it, and where that is done. */
function placesOf(booking: Booking, brands: readonly FareBrand[]) {
  const seated = booking.passengers.filter(({ type }: Passenger) => type !== PassengerType.INFANT)
  const seatable = booking.segments.filter(({ brand }) => choosesSeats(brands, brand))
  return seatable.flatMap((segment) =>
    seated.map((passenger) => ({
      segment,
      passenger,
      chosen:
        booking.seats.find((each) => each.passengerId === passenger.id && each.segmentId === segment.id)?.seat ?? "",
      href: `/bookings/${booking.reference}/seats?${new URLSearchParams({ segment: segment.id, passenger: passenger.id })}`,
    })),
  )
}
