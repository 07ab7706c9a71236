// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "command.h"

// One function a verb, each in its verb_x.cpp. The table in main.cpp is the order of --help.

namespace canopy {

Command verb_init();
Command verb_doctor();
Command verb_demo();
Command verb_synth();
Command verb_ingest();
Command verb_catalog_sql();
Command verb_catalog_rebuild();
Command verb_catalog_compact();
Command verb_catalog_gc();
Command verb_catalog_import();
Command verb_dataset_create();
Command verb_dataset_list();
Command verb_dataset_show();
Command verb_dataset_verify();
Command verb_dataset_diff();
Command verb_dataset_export();
Command verb_query_save();
Command verb_query_list();
Command verb_query_show();
Command verb_query_remove();
Command verb_train();
Command verb_profile_headspace();
Command verb_eval();
Command verb_tune_loader();
Command verb_tune_train();
Command verb_bench_coco();
Command verb_bench_ladder();
Command verb_bench_loader();
Command verb_bench_orchard();
Command verb_bench_reads();
Command verb_bench_trace();
Command verb_model_average();
Command verb_model_export();
Command verb_model_import();
Command verb_model_list();
Command verb_model_show();
Command verb_run_list();
Command verb_run_show();
Command verb_bench_step();
Command verb_run_import();
Command verb_run_cost();
Command verb_run_lineage();
Command verb_predict();
Command verb_insight();
Command verb_survey();
Command verb_survey_compare();
Command verb_prescribe_irrigation();
Command verb_prescribe_fertiliser();
Command verb_prescribe_replant();
Command verb_prescribe_scout();
Command verb_serve();

}  // namespace canopy
