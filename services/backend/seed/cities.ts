/** A city with an IATA code of its own, other than its airports' codes: "LON" stands for all that London has. */
export interface City {
  code: string
  name: string
  /** Those that are built in. */
  airports: string[]
}

/**
 * IATA's metropolitan areas with at least two of the built-in airports, and the cities that travellers call by a code
 * which is not that of their one airport. A city whose code is an airport's too (Istanbul, Shanghai, Bangkok, Dallas,
 * Berlin) is not here: the code means the airport.
 */
export const CITIES: City[] = [
  city("ANK", "Ankara", "ESB"),
  city("BAK", "Baku", "GYD"),
  city("BHZ", "Belo Horizonte", "CNF"),
  city("BJS", "Beijing", "PEK PKX"),
  city("BUE", "Buenos Aires", "EZE AEP"),
  city("BUH", "Bucharest", "OTP"),
  city("CAS", "Casablanca", "CMN"),
  city("CHI", "Chicago", "ORD MDW"),
  city("DKR", "Dakar", "DSS"),
  city("DTT", "Detroit", "DTW"),
  city("HOU", "Houston", "IAH"),
  city("IZM", "Izmir", "ADB"),
  city("JKT", "Jakarta", "CGK"),
  city("LON", "London", "LHR LGW STN LTN LCY"),
  city("MES", "Medan", "KNO"),
  city("MIL", "Milan", "MXP LIN BGY"),
  city("MKC", "Kansas City", "MCI"),
  city("MOW", "Moscow", "SVO DME VKO"),
  city("NYC", "New York", "JFK EWR LGA"),
  city("OSA", "Osaka", "KIX ITM"),
  city("PAR", "Paris", "CDG ORY"),
  city("REK", "Reykjavik", "KEF"),
  city("RIO", "Rio de Janeiro", "GIG SDU"),
  city("ROM", "Rome", "FCO"),
  city("SAO", "São Paulo", "GRU CGH VCP"),
  city("SEL", "Seoul", "ICN GMP"),
  city("SIA", "Xi'an", "XIY"),
  city("SPK", "Sapporo", "CTS"),
  city("STO", "Stockholm", "ARN"),
  city("TCI", "Tenerife", "TFS"),
  city("THR", "Tehran", "IKA"),
  city("TYO", "Tokyo", "HND NRT"),
  city("WAS", "Washington", "IAD DCA BWI"),
  city("YMQ", "Montreal", "YUL"),
  city("YTO", "Toronto", "YYZ YTZ"),
]

function city(code: string, name: string, airports: string): City {
  return { code, name, airports: airports.split(" ") }
}
