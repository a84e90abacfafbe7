import { invalidRequest } from "@airside/kernel/errors"
import { once } from "@airside/kernel/idempotency"
import type { Transaction } from "@airside/kernel/sql"
import type { ChooseSeatsRequest, ChooseSeatsResponse, SeatChoice } from "@airside/protos/airside/bookings/v1/bookings"
import type { CallContext } from "../context.ts"
import { failures } from "../failures.ts"
import { BRANDS } from "../flights/brands.ts"
import { seatLayout } from "../flights/seat-layout.ts"
import { bookingMessage } from "./booking-message.ts"
import { cabinsOfBooking } from "./inventory.ts"
import { findOwnBooking, readBooking } from "./own-booking.ts"

const MOST_CHOICES = 100

/**
 * Gives passengers their seats, all of them or none; a passenger's former seat on the segment becomes free. An empty
 * seat gives it up. Reasons: INVALID_REQUEST, BOOKING_NOT_FOUND, BOOKING_STATE, SEAT_NOT_INCLUDED, SEAT_TAKEN.
 */
export async function chooseSeats(context: CallContext, request: ChooseSeatsRequest): Promise<ChooseSeatsResponse> {
  const { id } = await findOwnBooking(context, request.reference)
  if (request.seats.length === 0 || request.seats.length > MOST_CHOICES) {
    throw invalidRequest([{ field: "seats", message: `must be 1 to ${MOST_CHOICES}` }])
  }
  return once<ChooseSeatsResponse>(context, request, async (tx) => {
    const [booking] = await tx<{ status: string }[]>`select status from bookings where id = ${id} for update`
    if (!["held", "awaiting_payment", "paid", "confirmed"].includes(booking!.status)) {
      throw failures.BOOKING_STATE({ status: booking!.status })
    }
    const choices = await checkChoices(tx, id, request.seats)
    for (const choice of choices) {
      await tx`
        delete from seats
        where departure_id = ${choice.departureId} and booking_id = ${id}
          and segment_id = ${choice.segmentId} and passenger_id = ${choice.passengerId}`
    }
    for (const choice of choices.filter(({ seat }) => seat !== "")) await takeSeat(tx, id, choice)
    return { booking: await bookingMessage(tx, await readBooking(tx, id)) }
  })
}

type Choice = SeatChoice & { departureId: string }

/** In key order, so that two bookings that change seats on the same departures do not wait for each other in a circle. */
async function checkChoices(tx: Transaction, bookingId: string, seats: readonly SeatChoice[]): Promise<Choice[]> {
  const segments = await cabinsOfBooking(tx, bookingId)
  const passengers = await tx<{ id: string; type: string }[]>`
    select id, type from passengers where booking_id = ${bookingId}`
  const choices = seats.map((choice, index) => {
    const at = (field: string, message: string) => invalidRequest([{ field: `seats[${index}].${field}`, message }])
    const segment = segments.find((each) => each.segmentId === choice.segmentId)
    const passenger = passengers.find((each) => each.id === choice.passengerId)
    const seat = choice.seat.trim().toUpperCase()
    if (!segment) throw at("segment_id", "is not a segment of this booking")
    if (!passenger) throw at("passenger_id", "is not a passenger of this booking")
    if (passenger.type === "infant") throw at("passenger_id", "an infant on a lap has no seat")
    if (!BRANDS[segment.brand].choosesSeats) {
      const field = `seats[${index}].segment_id`
      throw failures.SEAT_NOT_INCLUDED({ brand: segment.brand }, [
        { field, message: `the ${BRANDS[segment.brand].title} fare does not include choosing a seat` },
      ])
    }
    if (seat !== "" && !seatLayout(segment.cabin, segment.capacity).some(({ number }) => number === seat)) {
      throw at("seat", "is not a seat of this cabin")
    }
    const isRepeated = seats.findIndex((each) => isSamePlace(each, choice)) < index
    if (isRepeated) throw at("passenger_id", "has another seat on this segment in the same request")
    return { passengerId: passenger.id, segmentId: segment.segmentId, seat, departureId: segment.departureId }
  })
  return choices.sort((a, b) => (`${a.departureId} ${a.seat}` < `${b.departureId} ${b.seat}` ? -1 : 1))
}

const isSamePlace = (a: SeatChoice, b: SeatChoice) => a.passengerId === b.passengerId && a.segmentId === b.segmentId

async function takeSeat(tx: Transaction, bookingId: string, { departureId, segmentId, passengerId, seat }: Choice) {
  const taken = await tx`
    insert into seats (departure_id, seat, booking_id, segment_id, passenger_id)
    values (${departureId}, ${seat}, ${bookingId}, ${segmentId}, ${passengerId})
    on conflict do nothing
    returning 1`
  if (taken.length === 0) throw failures.SEAT_TAKEN({ seat }, [{ field: "seats", message: `${seat} is taken` }])
}
