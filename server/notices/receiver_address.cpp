#include "server/notices/receiver_address.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace chiploc {
namespace {

using enum AddressKind;

constexpr std::size_t kIpv4Bytes = 4;
constexpr std::size_t kIpv6Bytes = 16;

struct AddressBlock {
  std::array<std::uint8_t, kIpv6Bytes> prefix;
  std::size_t bits;
  AddressKind kind;
};

constexpr AddressBlock ipv4_block(std::initializer_list<std::uint8_t> prefix, std::size_t bits,
                                  AddressKind kind) {
  AddressBlock block{{}, bits, kind};
  std::copy(prefix.begin(), prefix.end(), block.prefix.begin());
  return block;
}
constexpr AddressBlock ipv6_block(std::initializer_list<std::uint16_t> groups, std::size_t bits,
                                  AddressKind kind) {
  AddressBlock block{{}, bits, kind};
  std::size_t at = 0;
  for (const std::uint16_t group : groups) {
    block.prefix[at++] = static_cast<std::uint8_t>(group >> 8U);
    block.prefix[at++] = static_cast<std::uint8_t>(group & 0xffU);
  }
  return block;
}

constexpr std::array kIpv4Blocks{
    ipv4_block({0}, 8, kReserved),                   // this network
    ipv4_block({10}, 8, kPrivate),                   // RFC 1918
    ipv4_block({100, 64}, 10, kPrivate),             // shared, RFC 6598
    ipv4_block({127}, 8, kLoopback),                 //
    ipv4_block({169, 254}, 16, kLinkLocal),          //
    ipv4_block({172, 16}, 12, kPrivate),             // RFC 1918
    ipv4_block({192, 0, 0}, 24, kReserved),          // protocol assignments, RFC 6890
    ipv4_block({192, 0, 2}, 24, kDocumentation),     // RFC 5737
    ipv4_block({192, 31, 196}, 24, kReserved),       // AS112, RFC 7535
    ipv4_block({192, 52, 193}, 24, kReserved),       // AMT, RFC 7450
    ipv4_block({192, 88, 99}, 24, kReserved),        // 6to4 relays, RFC 7526
    ipv4_block({192, 168}, 16, kPrivate),            // RFC 1918
    ipv4_block({192, 175, 48}, 24, kReserved),       // AS112, RFC 7534
    ipv4_block({198, 18}, 15, kReserved),            // benchmarks, RFC 2544
    ipv4_block({198, 51, 100}, 24, kDocumentation),  // RFC 5737
    ipv4_block({203, 0, 113}, 24, kDocumentation),   // RFC 5737
    ipv4_block({224}, 4, kMulticast),                //
    ipv4_block({240}, 4, kReserved),                 // also the broadcast address
};

// Looked at before "2000::/3 is public, the rest is not".
constexpr std::array kIpv6Blocks{
    ipv6_block({0, 0, 0, 0, 0, 0, 0, 1}, 128, kLoopback),  //
    ipv6_block({0x2001}, 23, kReserved),                // protocol assignments, Teredo among them: RFC 2928
    ipv6_block({0x2001, 0x0db8}, 32, kDocumentation),   // RFC 3849
    ipv6_block({0x2002}, 16, kReserved),                // 6to4: any IPv4 address may be behind it
    ipv6_block({0x2620, 0x4f, 0x8000}, 48, kReserved),  // AS112, RFC 7534
    ipv6_block({0x3fff}, 20, kDocumentation),           // RFC 9637
    ipv6_block({0xfc00}, 7, kPrivate),                  // unique local, RFC 4193
    ipv6_block({0xfe80}, 10, kLinkLocal),               //
    ipv6_block({0xff00}, 8, kMulticast),                //
};
constexpr AddressBlock kMappedIpv4 = ipv6_block({0, 0, 0, 0, 0, 0xffff}, 96, kPublic);
constexpr AddressBlock kNat64 = ipv6_block({0x64, 0xff9b}, 96, kPublic);
constexpr AddressBlock kGlobalUnicast = ipv6_block({0x2000}, 3, kPublic);

bool is_within(Bytes address, const AddressBlock& block) {
  const std::size_t whole = block.bits / 8;
  if (!std::equal(block.prefix.begin(), block.prefix.begin() + static_cast<std::ptrdiff_t>(whole),
                  address.begin()))
    return false;
  const std::size_t rest = block.bits % 8;
  if (rest == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xff00U >> rest);
  return (address[whole] & mask) == (block.prefix[whole] & mask);
}

template <class Blocks>
AddressKind kind_among(const Blocks& blocks, Bytes address, AddressKind otherwise) {
  const auto found = std::find_if(blocks.begin(), blocks.end(),
                                  [&](const AddressBlock& block) { return is_within(address, block); });
  return found == blocks.end() ? otherwise : found->kind;
}

}  // namespace

std::string_view name_of(AddressKind kind) {
  switch (kind) {
    case kPublic:
      return "public";
    case kLoopback:
      return "loopback";
    case kPrivate:
      return "private";
    case kLinkLocal:
      return "link-local";
    case kMulticast:
      return "multicast";
    case kDocumentation:
      return "documentation";
    case kReserved:
      return "reserved";
  }
  return "";
}

AddressKind address_kind_of(Bytes address) {
  if (address.size() == kIpv4Bytes) return kind_among(kIpv4Blocks, address, kPublic);
  if (address.size() != kIpv6Bytes) return kReserved;
  if (is_within(address, kMappedIpv4) || is_within(address, kNat64))
    return address_kind_of(address.last(kIpv4Bytes));
  return kind_among(kIpv6Blocks, address, is_within(address, kGlobalUnicast) ? kPublic : kReserved);
}

bool may_send_to(AddressKind kind, bool private_too) {
  return kind == kPublic || (private_too && (kind == kPrivate || kind == kLoopback));
}

}  // namespace chiploc
