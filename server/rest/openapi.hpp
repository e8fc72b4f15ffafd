#pragma once
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "server/rest/answer_shape.hpp"

namespace chiploc {

/// The API as an OpenAPI 3.1 document: paths and who may call them from the tables, parameters and bodies from the requests'
/// descriptors, answers from what the views make of samples. Nothing in it is written beside what it describes, so it cannot
/// differ. `shape` is asked once for each route.
[[nodiscard]] nlohmann::ordered_json openapi_document(
    const std::vector<ReadRoute>& routes, const std::function<const AnswerShape&(const ReadRoute&)>& shape,
    const std::string& software_version);

/// What a parameter, or a value within a body, may be.
[[nodiscard]] nlohmann::ordered_json schema_of_field(const google::protobuf::FieldDescriptor& field);

}  // namespace chiploc
