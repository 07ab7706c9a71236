// SPDX-License-Identifier: Apache-2.0
#include "verbs.h"

int main(int argc, char** argv) {
  using namespace canopy;
  std::vector<Command> commands;
  for (const auto make : {// trees
                          verb_demo,
                          verb_survey,
                          verb_survey_compare,
                          verb_predict,
                          verb_insight,
                          verb_prescribe_irrigation,
                          verb_prescribe_fertiliser,
                          verb_prescribe_replant,
                          verb_prescribe_scout,
                          verb_serve,
                          // start
                          verb_init,
                          verb_doctor,
                          verb_synth,
                          // data
                          verb_ingest,
                          verb_catalog_sql,
                          verb_catalog_rebuild,
                          verb_catalog_compact,
                          verb_catalog_gc,
                          verb_catalog_import,
                          verb_dataset_create,
                          verb_dataset_list,
                          verb_dataset_show,
                          verb_dataset_verify,
                          verb_dataset_diff,
                          verb_dataset_export,
                          verb_query_save,
                          verb_query_list,
                          verb_query_show,
                          verb_query_remove,
                          // training
                          verb_train,
                          verb_eval,
                          verb_profile_headspace,
                          verb_tune_loader,
                          verb_tune_train,
                          verb_run_list,
                          verb_run_show,
                          verb_run_cost,
                          verb_run_lineage,
                          verb_run_import,
                          verb_model_list,
                          verb_model_show,
                          verb_model_import,
                          verb_model_export,
                          verb_model_average,
                          // measuring
                          verb_bench_coco,
                          verb_bench_ladder,
                          verb_bench_loader,
                          verb_bench_orchard,
                          verb_bench_reads,
                          verb_bench_step,
                          verb_bench_trace})
    commands.push_back(make());
  return run_program(argc, argv, std::move(commands));
}
