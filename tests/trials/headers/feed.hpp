// A feed of orders as an exchange writes its header.
#include <cstdint>
#include <array>
#include <string_view>
#if __cplusplus < 201103L
#error "C++11"
#endif

namespace md {
namespace v1 { struct Order; }
inline namespace v2 {

constexpr std::size_t kSymbolLen = 8;
static constexpr int kLevels{5};
const unsigned kMax = 1'000;
constexpr auto kAuto = 3;
using Price = std::int64_t;
using Symbol = std::array<char, kSymbolLen>;
typedef std::uint32_t Quantity;

enum class Side : std::uint8_t { Buy = 'B', Sell = 'S' };
enum class Plain { A, B };
enum Flags : uint16_t { kNone = 0, kFirst = 1 << 0 };
enum struct Fwd : char;

template <typename T, std::size_t N>
struct Ring { T items[N]; std::size_t head = 0; void push(const T& t) { items[head++ % N] = t; } };

#pragma pack(push, 1)
struct Header {
    static constexpr std::uint16_t kType = 7;
    static const int kSize;
    std::uint16_t length{0};
    std::uint16_t type = kType;
    std::uint64_t sequence;
    Header() = default;
    explicit Header(std::uint16_t t) noexcept : length{sizeof(Header)}, type(t), sequence{} {}
    ~Header() {}
    Header(const Header&) = delete;
    Header& operator=(const Header& other) { length = other.length; return *this; }
    bool operator==(const Header& other) const noexcept;
    [[nodiscard]] std::uint16_t len() const { return length; }
    friend bool operator<(const Header& a, const Header& b);
    operator bool() const { return length != 0; }
};
struct NewOrder final {
    Header header;
    Side side = Side::Buy;
    Plain plain;
    Symbol symbol;
    Price price {0};
    Quantity qty = 1, shown = 2;
    std::array<std::array<uint16_t, 2>, kLevels> levels{};
    char tail[kAuto] = {};
    std::uint8_t a : 3 = 1, b : 5 {2};
    Flags flags;
    struct Level { Price price; Quantity qty; } best[2];
    enum class Kind : uint8_t { X, Y } kind;
    auto total() const -> Price { return price * qty; }
    static NewOrder make(int x);
public:
    uint8_t rest[sizeof(Header) + static_cast<int>(kMax / 500) + uint8_t(3)];
};
class Cancel {
  public:
    Header header;
    NewOrder::Level level;
    ::md::v2::Price p;
};
#pragma pack(pop)
struct Unpacked { char c; Price p; const Header* h; void (*fn)(int); struct Empty {} e; bool flag; };
static_assert(sizeof(Header) == 12, "packed");
inline bool operator<(const Header& a, const Header& b) { return a.length < b.length; }
inline const char* name(Side s) { switch (s) { case Side::Buy: return "buy"; default: return "sell"; } }
} // namespace v2
} // namespace md

namespace other {
struct Header { uint8_t x; uint16_t y; };
using namespace md;
struct Uses { Header h; md::Header m; md::v2::NewOrder::Level l; };
}
extern "C" { struct InC { int a; char b; }; }

// Messages that begin with a header by inheritance.
namespace heirs {
struct Plain { std::uint32_t seq; std::uint8_t kind; };
struct Filled { std::uint32_t seq = 0; std::uint8_t kind{1}; };
struct Made { std::uint32_t seq; std::uint8_t kind; Made() : seq(0), kind(1) {} Made(const Made&) = default; };
struct Tag {};
struct Other { std::uint32_t stamp; std::uint8_t zone; };
struct OfPlain : Plain { std::uint8_t side; };
struct OfFilled : public Filled { std::uint8_t side; };
struct OfMade : Made { std::uint8_t side; std::uint16_t levels[2]; };
struct Third : OfPlain { std::uint8_t more; };
struct Two : Tag, OfFilled, Other { std::uint8_t last; };
struct Bare : Tag { std::uint8_t only; };
#pragma pack(push, 1)
struct Tight { std::uint8_t kind = 0; std::uint64_t seq; };
struct OfTight : Tight { std::uint16_t len; std::uint32_t word; };
struct Mixed : ::heirs::Plain { std::uint8_t x; std::uint32_t y; };
#pragma pack(pop)
template <int N> struct Sized { char c[N]; };
}
