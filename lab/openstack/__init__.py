"""OpenStack's own services on 127.0.0.1, without a hypervisor."""
