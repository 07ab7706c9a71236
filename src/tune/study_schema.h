// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace canopy {

class SqlSession;

/// Makes the tables of Optuna's storage in an empty database. Throws User when the database, which
/// is called `name`, holds others, or those of an Optuna with another schema.
void prepare_study_tables(SqlSession& session, const std::string& name);

}  // namespace canopy
