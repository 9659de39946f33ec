/* SPDX-License-Identifier: MIT */
/*
 * light-unbound.i - functions that scripts have no use for. The typemaps call them: what crosses as
 * JSON text is freed before a script sees it.
 */
%ignore xlight_bits_clear;
%ignore xlight_cpupool_config_free;
%ignore xlight_cpupool_list_free;
%ignore xlight_device_config_clear;
%ignore xlight_device_config_init;
%ignore xlight_device_list_free;
%ignore xlight_domain_list_free;
%ignore xlight_event_clear;
%ignore xlight_host_cpus_free;
%ignore xlight_host_free;
%ignore xlight_host_nodes_free;
%ignore xlight_host_pci_nodes_free;
%ignore xlight_settings_free;
%ignore xlight_stat_free;
%ignore xlight_type_clear;
%ignore xlight_type_equal;
%ignore xlight_type_from_json;
%ignore xlight_type_init;
%ignore xlight_type_to_json;
%ignore xlight_vcpu_list_free;
