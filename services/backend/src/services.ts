import { writeMessage } from "@airside/kernel/message-writer"
import { type Service, service } from "@airside/kernel/rpc-server"
import { AccountServiceService } from "@airside/protos/airside/accounts/v1/accounts"
import { BookingServiceService } from "@airside/protos/airside/bookings/v1/bookings"
import {
  BatchSearchFlightsResponse,
  FlightServiceService,
  SearchFlightsResponse,
} from "@airside/protos/airside/flights/v1/flights"
import { BookingRepairServiceService } from "@airside/protos/airside/repairs/v1/repairs"
import { authenticate } from "./accounts/authenticate.ts"
import { changePassword } from "./accounts/change-password.ts"
import { getAccount } from "./accounts/get-account.ts"
import { listSessions } from "./accounts/list-sessions.ts"
import { logIn } from "./accounts/log-in.ts"
import { logOut } from "./accounts/log-out.ts"
import { register } from "./accounts/register.ts"
import { revokeSession } from "./accounts/revoke-session.ts"
import { updateAccount } from "./accounts/update-account.ts"
import { cancelBooking } from "./bookings/cancel-booking.ts"
import { chooseSeats } from "./bookings/choose-seats.ts"
import { findBooking } from "./bookings/find-booking.ts"
import { getBooking } from "./bookings/get-booking.ts"
import { holdBooking } from "./bookings/hold-booking.ts"
import { listBookings } from "./bookings/list-bookings.ts"
import { priceBooking } from "./bookings/price-booking.ts"
import { quoteCancellation } from "./bookings/quote-cancellation.ts"
import { settleBooking } from "./bookings/settle-booking.ts"
import { startCheckout } from "./bookings/start-checkout.ts"
import type { Context } from "./context.ts"
import { getPlace } from "./flights/get-place.ts"
import { getSeatMap } from "./flights/get-seat-map.ts"
import { listFareBrands } from "./flights/list-fare-brands.ts"
import { searchPlaces } from "./flights/search-places.ts"
import { listBookingRepairs } from "./repairs/list-booking-repairs.ts"
import { listStuckBookings } from "./repairs/list-stuck-bookings.ts"
import { retryBooking } from "./repairs/retry-booking.ts"
import { getFareCalendar } from "./search/get-fare-calendar.ts"
import { getFareGrid } from "./search/get-fare-grid.ts"
import { batchSearchFlights, searchFlights } from "./search/search-flights.ts"
import { watchDepartures } from "./search/watch-departures.ts"

/** The service as it is, but its largest and most frequent answers are written faster. */
const FLIGHT_SERVICE: typeof FlightServiceService = {
  ...FlightServiceService,
  searchFlights: {
    ...FlightServiceService.searchFlights,
    responseSerialize: (response) => writeMessage(SearchFlightsResponse, response),
  },
  batchSearchFlights: {
    ...FlightServiceService.batchSearchFlights,
    responseSerialize: (response) => writeMessage(BatchSearchFlightsResponse, response),
  },
}

/** Everything that backend can be asked. */
export const services: Service<Context>[] = [
  service(AccountServiceService, {
    register,
    logIn,
    logOut,
    authenticate,
    getAccount,
    updateAccount,
    changePassword,
    listSessions,
    revokeSession,
  }),
  service(FLIGHT_SERVICE, {
    searchPlaces,
    getPlace,
    searchFlights,
    batchSearchFlights,
    listFareBrands,
    getFareCalendar,
    getFareGrid,
    watchDepartures,
    getSeatMap,
  }),
  service(BookingServiceService, {
    priceBooking,
    holdBooking,
    getBooking,
    findBooking,
    listBookings,
    chooseSeats,
    startCheckout,
    settleBooking,
    quoteCancellation,
    cancelBooking,
  }),
  service(BookingRepairServiceService, { listStuckBookings, retryBooking, listBookingRepairs }),
]
