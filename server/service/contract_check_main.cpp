// chiploc-contract-check SET: run by the build. SET is what protoc --descriptor_set_out --include_imports
// wrote of all of proto/v1. Exit code 0 if every method has its access rule and every field its sealing
// decision; 1 and a line for each that has none; 2 if SET is no such file.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <fstream>
#include <iostream>

#include "server/service/contract.hpp"

int main(int argc, char** argv) {
  using namespace chiploc;
  google::protobuf::FileDescriptorSet set;
  std::ifstream in{argc == 2 ? argv[1] : "", std::ios::binary};
  if (!in || !set.ParseFromIstream(&in)) {
    std::cerr << "usage: chiploc-contract-check DESCRIPTOR_SET\n";
    return 2;
  }
  google::protobuf::DescriptorPool pool;
  std::vector<const google::protobuf::FileDescriptor*> files;
  for (const auto& file : set.file()) {
    const google::protobuf::FileDescriptor* built = pool.BuildFile(file);
    if (built == nullptr) {
      std::cerr << "chiploc-contract-check: " << file.name() << " cannot be understood\n";
      return 2;
    }
    if (built->package() == "chiploc.v1") files.push_back(built);
  }
  const std::vector<std::string> faults = contract_faults(files, access_table());
  for (const std::string& fault : faults) std::cerr << "proto/v1: " << fault << "\n";
  return faults.empty() ? 0 : 1;
}
