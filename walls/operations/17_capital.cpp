// Wall 17, Capital: what a run costs, on machines that are owned or rented.
#include <ironlaw/wall.hpp>

namespace {
using namespace ironlaw;

constexpr WallInfo kInfo{
    .number = 17,
    .id = "capital",
    .title = "Capital",
    .domain = "operations",
    .term = "n",
    .statement =
        "Money bounds how many devices work and for how long: a run pays its share of their purchase, "
        "maintenance, staff and electricity, or their rent.",
    .equation =
        "owned = n price (1 + network) infrastructure x time (1/life + maintenance + staff) / utilisation + "
        "energy x price;  rented = n x rent x time / utilisation",
    .sources = "Barroso, Hoelzle, Ranganathan 2018, The Datacenter as a Computer, chapter 6",
};

constexpr double kYear = 365.0 * 86'400;
constexpr double kKilowattHour = 3.6e6;

constexpr q::Count kOwnership{"ownership", "whether the machines are owned or rented"};
constexpr q::Count kInfrastructure{
    "infrastructure_multiplier",
    "building, power, cooling and hosts with the devices, over the devices alone"};
constexpr q::Count kNetworkShare{"network_cost_share", "purchase of the network over that of the devices"};
constexpr q::Time kAmortisation{"amortisation_time", "time over which a purchase is written off"};
constexpr q::Count kMaintenanceShare{"maintenance_share", "maintenance of a year over the purchase"};
constexpr q::Count kStaffShare{"staff_share", "staff of a year over the purchase"};
constexpr q::Count kUtilisation{"paid_utilisation", "share of the paid time in which the machines work"};
constexpr Name<kDimEnergyPrice> kEnergyPrice{"energy_price", "price of electricity"};
constexpr Name<kDimCostRate> kRentalPrice{"rental_price", "rent of one device, its host and its electricity"};
constexpr q::Cost kCapex{"capex", "purchase of the whole system"};
constexpr q::Cost kPeriodCapex{"period_capex", "the run's share of the purchase"};
constexpr q::Cost kMaintenance{"maintenance_cost", "maintenance during the run"};
constexpr q::Cost kStaff{"staff_cost", "staff during the run"};
constexpr q::Cost kEnergyCost{"energy_cost", "the run's electricity"};
constexpr q::Cost kOwnedCost{"owned_cost", "the run on machines that are owned"};
constexpr q::Count kElectricityShare{"electricity_share", "electricity in the cost of owned machines"};
constexpr q::Cost kRentalCost{"rental_cost", "the run on machines that are rented"};
constexpr q::Cost kRunCost{"run_cost", "the run on the machines that there are, owned or rented"};
constexpr q::Cost kCostPerMillionTokens{"cost_per_million_tokens", "cost of a million tokens"};
constexpr q::Cost kCostPerRequest{"cost_per_request", "cost of one request or sample"};

struct Owned {
  static constexpr Level kLevel = Level::result;
  static constexpr const char* kName = "owned";

  template <class T>
  struct In {
    Dollars<T> price;
    T devices, infrastructure, network;
    Seconds<T> amortisation;
    T maintenance, staff, utilisation;
    DollarsPerJoule<T> energy_price;
    Joules<T> energy;
    Seconds<T> time;
    static constexpr auto ports() {
      return std::tuple{
          setting(q::price, &In::price, {.value = kUnknown}),
          discrete(q::devices, &In::devices, 1.0),
          setting(kInfrastructure, &In::infrastructure,
                  {.value = 1, .source = "mlsysim: devices alone; 2.0 to 2.5 with hosts and building"}, 0),
          setting(kNetworkShare, &In::network, {.value = 0}),
          setting(kAmortisation, &In::amortisation, {.value = 3 * kYear, .source = "mlsysim: 3 years"}, 1.0),
          setting(kMaintenanceShare, &In::maintenance, {.value = 0.05, .source = "mlsysim: 5% a year"}),
          setting(kStaffShare, &In::staff, {.value = 0}),
          setting(kUtilisation, &In::utilisation, {.value = 1}, 0.01, 1),
          setting(kEnergyPrice, &In::energy_price,
                  {.value = 0.12 / kKilowattHour, .source = "mlsysim: 0.12 USD/kWh"}),
          input(q::run_energy, &In::energy),
          input(q::run_time, &In::time)};
    }
  };
  template <class T>
  struct Out {
    Dollars<T> capex, period_capex, maintenance, staff, energy, total;
    T electricity_share;
    static constexpr auto ports() {
      return std::tuple{account(kCapex, &Out::capex),
                        account(kPeriodCapex, &Out::period_capex),
                        account(kMaintenance, &Out::maintenance),
                        account(kStaff, &Out::staff),
                        account(kEnergyCost, &Out::energy),
                        account(kOwnedCost, &Out::total),
                        account(kElectricityShare, &Out::electricity_share)};
    }
  };

  // Idle time is paid too, except for its electricity.
  template <class T>
  static Out<T> eval(const In<T>& in) {
    const Dollars<T> capex = in.price * (in.devices * (T(1.0) + in.network) * in.infrastructure);
    const Seconds<T> paid = in.time / in.utilisation;
    const T years = paid / Seconds<T>(T(kYear));
    const Dollars<T> period_capex = capex * (paid / in.amortisation);
    const Dollars<T> maintenance = capex * (in.maintenance * years);
    const Dollars<T> staff = capex * (in.staff * years);
    const Dollars<T> energy = in.energy_price * in.energy;
    const Dollars<T> total = period_capex + maintenance + staff + energy;
    const T share = total.v > T(0.0) ? energy / total : T(kUnknown);
    return {capex, period_capex, maintenance, staff, energy, total, share};
  }
};

struct OwnedByHand {
  static constexpr const char* kText =
      "1,024 H100 at 25,000 USD: 25.6 million; 30 days of 3 years: x 30/1,095 = 701,370; maintenance 5% x "
      "30/365: 105,205; 578.03 MWh (2.0809e12 J) at 0.12 USD/kWh: 69,363; together 875,938, 7.9% electricity";
  static constexpr Owned::In<double> kIn{Dollars<double>(25'000),
                                         1024,
                                         1,
                                         0,
                                         Seconds<double>(3 * kYear),
                                         0.05,
                                         0,
                                         1,
                                         DollarsPerJoule<double>(0.12 / kKilowattHour),
                                         Joules<double>(2.080899e12),
                                         Seconds<double>(2.592e6)};
  static constexpr Owned::Out<double> kOut{Dollars<double>(25.6e6),
                                           Dollars<double>(701'370),
                                           Dollars<double>(105'205),
                                           Dollars<double>(0),
                                           Dollars<double>(69'363.3),
                                           Dollars<double>(875'938),
                                           0.079187};
};

struct Rented {
  static constexpr Level kLevel = Level::result;
  static constexpr const char* kName = "rented";

  template <class T>
  struct In {
    DollarsPerSecond<T> rent;
    T devices, utilisation;
    Seconds<T> time;
    static constexpr auto ports() {
      return std::tuple{
          setting(kRentalPrice, &In::rent, {.value = kUnknown}), discrete(q::devices, &In::devices, 1.0),
          setting(kUtilisation, &In::utilisation, {.value = 1}, 0.01, 1), input(q::run_time, &In::time)};
    }
  };
  template <class T>
  struct Out {
    Dollars<T> cost;
    static constexpr auto ports() { return std::tuple{account(kRentalCost, &Out::cost)}; }
  };

  template <class T>
  static Out<T> eval(const In<T>& in) {
    return {in.rent * in.devices * (in.time / in.utilisation)};
  }
};

struct RentedByHand {
  static constexpr const char* kText =
      "64 devices at 2.50 USD an hour (6.9444e-4 USD/s) for 24 h, busy for 80% of what is paid: 64 x 2.5 x "
      "24 "
      "/ 0.8 = 4,800 USD";
  static constexpr Rented::In<double> kIn{DollarsPerSecond<double>(2.5 / 3600), 64, 0.8,
                                          Seconds<double>(86'400)};
  static constexpr Rented::Out<double> kOut{Dollars<double>(4800)};
};

struct Cost {
  static constexpr Level kLevel = Level::result;
  static constexpr const char* kName = "cost";

  template <class T>
  struct In {
    T ownership;
    Dollars<T> owned, rented;
    T requests;
    static constexpr auto ports() {
      return std::tuple{
          choice(kOwnership, &In::ownership, "owned|rented", {.value = 0, .source = "mlsysim: owned"}),
          input(kOwnedCost, &In::owned), input(kRentalCost, &In::rented),
          input(q::run_requests, &In::requests)};
    }
  };
  template <class T>
  struct Out {
    Dollars<T> cost, per_request;
    static constexpr auto ports() {
      return std::tuple{headline(kRunCost, &Out::cost), account(kCostPerRequest, &Out::per_request)};
    }
  };

  template <class T>
  static Out<T> eval(const In<T>& in) {
    const Dollars<T> cost = in.ownership > T(0.5) ? in.rented : in.owned;
    return {cost, in.requests > T(0.0) ? cost / in.requests : Dollars<T>(T(kUnknown))};
  }
};

struct CostByHand {
  static constexpr const char* kText =
      "4,800 USD of rent (7,100 if owned) for 1.2 million requests: 4,800 / 1.2e6 = 0.004 USD each";
  static constexpr Cost::In<double> kIn{1, Dollars<double>(7100), Dollars<double>(4800), 1.2e6};
  static constexpr Cost::Out<double> kOut{Dollars<double>(4800), Dollars<double>(0.004)};
};

struct TokenCost {
  static constexpr Level kLevel = Level::result;
  static constexpr const char* kName = "token_cost";
  static constexpr std::uint32_t kKinds = kind::transformer;
  static constexpr const char* kSupports = "a convolutional network has no tokens";

  template <class T>
  struct In {
    Dollars<T> cost;
    T tokens;
    static constexpr auto ports() {
      return std::tuple{input(kRunCost, &In::cost), input(q::run_tokens, &In::tokens)};
    }
  };
  template <class T>
  struct Out {
    Dollars<T> per_million;
    static constexpr auto ports() { return std::tuple{headline(kCostPerMillionTokens, &Out::per_million)}; }
  };

  template <class T>
  static Out<T> eval(const In<T>& in) {
    return {in.tokens > T(0.0) ? in.cost / (in.tokens / T(1e6)) : Dollars<T>(T(kUnknown))};
  }
};

struct TokenCostByHand {
  static constexpr const char* kText = "4,800 USD for 12e9 tokens: 4,800 / 12,000 = 0.40 USD a million";
  static constexpr TokenCost::In<double> kIn{Dollars<double>(4800), 12e9};
  static constexpr TokenCost::Out<double> kOut{Dollars<double>(0.4)};
};

}  // namespace

IRONLAW_EXPORT_WALL(kInfo, Example<Owned, OwnedByHand>, Example<Rented, RentedByHand>,
                    Example<Cost, CostByHand>, Example<TokenCost, TokenCostByHand>)
